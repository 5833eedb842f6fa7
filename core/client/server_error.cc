#include "core/client/server_error.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "core/base/bytes.h"

namespace postern::client {
namespace {

using std::chrono::milliseconds;

bool one_of(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::any_of(codes.begin(), codes.end(), [&](std::string_view c) { return ascii_iequals(code, c); });
}

/// `lower` is in lower case already.
bool says(std::string_view lower, std::initializer_list<std::string_view> phrases) {
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](std::string_view p) { return lower.find(p) != std::string_view::npos; });
}

std::string_view what_failed(Doing doing) {
  switch (doing) {
    case Doing::connecting:
      return "the server closed the connection";
    case Doing::logging_in:
      return "the server refused the login";
    case Doing::listing:
      return "the server refused to list the mailboxes";
    case Doing::opening:
      return "the server refused to open the mailbox";
    case Doing::fetching:
      return "the server refused to give the messages";
    case Doing::storing:
      return "the server refused to store the flags";
    case Doing::appending:
      return "the server refused the message";
    case Doing::creating:
      return "the server refused to create the mailbox";
  }
  return "the server refused the command";
}

bool writes(Doing doing) { return doing == Doing::appending || doing == Doing::creating || doing == Doing::storing; }

std::optional<ErrorKind> kind_of_code(Doing doing, std::string_view code) {
  if (one_of(code, {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED"}))
    return ErrorKind::auth;
  if (one_of(code, {"INUSE", "UNAVAILABLE"})) return ErrorKind::busy;
  if (one_of(code, {"OVERQUOTA"})) return writes(doing) ? ErrorKind::quota : ErrorKind::throttle;
  if (one_of(code, {"TOOBIG"})) return ErrorKind::message;
  if (one_of(code, {"NOPERM", "CANNOT", "READ-ONLY"})) return ErrorKind::permission;
  if (one_of(code, {"NONEXISTENT", "TRYCREATE"})) return ErrorKind::not_found;
  if (one_of(code, {"SERVERBUG", "CORRUPTION", "CLIENTBUG", "CONTACTADMIN"})) return ErrorKind::server_bug;
  if (one_of(code, {"REFERRAL"})) return ErrorKind::security;
  return std::nullopt;
}

std::optional<ErrorKind> kind_of_text(Doing doing, std::string_view lower) {
  // Exchange Online gives this to every command after a LOGIN with a wrong password.
  if (says(lower, {"user is authenticated but not connected"})) return ErrorKind::auth;
  if (says(lower, {"server unavailable", "temporar", "try again later"})) {
    return doing == Doing::fetching ? ErrorKind::message : ErrorKind::busy;
  }
  if (doing == Doing::appending || doing == Doing::opening) {
    if (says(lower, {"doesn't exist", "does not exist", "no such mailbox", "unknown mailbox", "mailbox not found"})) {
      return ErrorKind::not_found;
    }
  }
  if (writes(doing) && says(lower, {"over quota", "overquota", "quota exceeded"})) return ErrorKind::quota;
  return std::nullopt;
}

ErrorKind kind_without_hint(Doing doing, Refusal refusal) {
  if (refusal == Refusal::bye) return ErrorKind::transient;
  if (refusal == Refusal::bad) return ErrorKind::server_bug;
  switch (doing) {
    case Doing::connecting:
      return ErrorKind::transient;
    case Doing::logging_in:
      return ErrorKind::auth;
    case Doing::listing:
      return ErrorKind::server_bug;
    case Doing::opening:
    case Doing::creating:
    case Doing::storing:
      return ErrorKind::permission;
    case Doing::fetching:
    case Doing::appending:
      return ErrorKind::message;
  }
  return ErrorKind::server_bug;
}

Scope scope_of(Doing doing, ErrorKind kind) {
  const Scope scope = default_scope(kind);
  const bool whole_account = doing == Doing::connecting || doing == Doing::logging_in || doing == Doing::listing;
  return whole_account && scope < Scope::account ? Scope::account : scope;
}

}  // namespace

bool speaks_of_throttling(std::string_view code, std::string_view text) {
  if (one_of(code, {"THROTTLED", "LIMIT"})) return true;
  return says(ascii_lower(text),
              {"throttled", "rate limit", "bandwidth limit", "suggested backoff time",
               "too many simultaneous connections", "too many connections", "session expired, please login again"});
}

std::optional<milliseconds> suggested_backoff(std::string_view text) {
  constexpr std::string_view kWords = "suggested backoff time:";
  const std::string lower = ascii_lower(text);
  std::size_t at = lower.find(kWords);
  if (at == std::string::npos) return std::nullopt;
  at = lower.find_first_not_of(' ', at + kWords.size());
  if (at == std::string::npos) return std::nullopt;
  const bool negative = lower[at] == '-';
  if (negative) ++at;
  constexpr std::uint64_t kHour = 3'600'000;
  std::uint64_t value = 0;
  const std::size_t first = at;
  for (; at < lower.size() && lower[at] >= '0' && lower[at] <= '9'; ++at) {
    value = std::min<std::uint64_t>(kHour, value * 10 + static_cast<std::uint64_t>(lower[at] - '0'));
  }
  if (at == first) return std::nullopt;
  return milliseconds(negative ? 1000 : std::clamp<std::uint64_t>(value, 1000, kHour));
}

Error server_error(Doing doing, Refusal refusal, std::string_view code, std::string_view text) {
  ErrorKind kind = kind_without_hint(doing, refusal);
  if (speaks_of_throttling(code, text)) {
    kind = ErrorKind::throttle;
  } else if (const auto known = kind_of_code(doing, code)) {
    // A BYE ends the connection, not one mailbox: only what concerns the whole account says more than that.
    if (refusal != Refusal::bye || *known == ErrorKind::auth || *known == ErrorKind::security) kind = *known;
  } else if (refusal == Refusal::bye) {
    kind = ErrorKind::transient;
  } else if (const auto guessed = kind_of_text(doing, ascii_lower(text))) {
    kind = *guessed;
  }
  std::string what(what_failed(doing));
  if (!code.empty()) what += " [" + ascii_upper(code) + "]";
  Error error(kind, std::move(what));
  error.scope(scope_of(doing, kind)).server_text(text);
  if (kind == ErrorKind::throttle) {
    if (const auto wait = suggested_backoff(text)) error.retry_after(*wait);
  }
  return error;
}

}  // namespace postern::client
