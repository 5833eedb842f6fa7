#include "core/protocol/imap/error_class.h"

#include <algorithm>
#include <string>

#include "core/base/bytes.h"

namespace postern::imap {
namespace {

using std::chrono::milliseconds;

/// Position of `needle` in `text` without case; npos when it is not there.
std::size_t find_words(std::string_view text, std::string_view needle) {
  const auto found = std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                                 [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
  return found == text.end() && !needle.empty() ? std::string_view::npos
                                                : static_cast<std::size_t>(found - text.begin());
}

bool says(std::string_view text, std::string_view words) { return find_words(text, words) != std::string_view::npos; }

std::optional<ErrorKind> kind_of_over_quota(CommandClass command) {
  // On reading, Gmail says OVERQUOTA for "too much today"; on writing the mailbox is full.
  const bool writes = command == CommandClass::append || command == CommandClass::create;
  return writes ? ErrorKind::quota : ErrorKind::throttle;
}

std::optional<ErrorKind> kind_of_code(CodeKind code, CommandClass command) {
  switch (code) {
    case CodeKind::throttled:
      return ErrorKind::throttle;
    case CodeKind::limit:
      // RFC 5530 §3: for STORE, so many flags of a message or of a mailbox; Yahoo's rate limit is known by its words.
      if (command == CommandClass::store) return std::nullopt;
      return command == CommandClass::append ? ErrorKind::quota : ErrorKind::throttle;
    case CodeKind::over_quota:
      return kind_of_over_quota(command);
    case CodeKind::in_use:
    case CodeKind::unavailable:
      return ErrorKind::busy;
    case CodeKind::message_limit:  // this many at once: fewer will do
    case CodeKind::too_big:
    case CodeKind::unknown_cte:
      return ErrorKind::message;
    case CodeKind::authentication_failed:
    case CodeKind::authorization_failed:
    case CodeKind::expired:
    case CodeKind::privacy_required:
      return ErrorKind::auth;
    case CodeKind::no_perm:
    case CodeKind::cannot:
      return ErrorKind::permission;
    case CodeKind::already_exists:
      return ErrorKind::permission;
    case CodeKind::nonexistent:
    case CodeKind::try_create:
      return ErrorKind::not_found;
    case CodeKind::server_bug:
    case CodeKind::client_bug:
    case CodeKind::uid_required:
    case CodeKind::corruption:
    case CodeKind::contact_admin:
      return ErrorKind::server_bug;
    case CodeKind::referral:
      return ErrorKind::security;
    default:
      return std::nullopt;
  }
}

struct KnownText {
  std::string_view words;
  ErrorKind kind;
};

/// Words of servers that give no code: Exchange, Gmail, Yahoo, and what they have said for years.
constexpr KnownText kThrottleTexts[] = {
    {"[THROTTLED]", ErrorKind::throttle},
    {"request is throttled", ErrorKind::throttle},
    {"suggested backoff time", ErrorKind::throttle},
    {"exceeded command or bandwidth limits", ErrorKind::throttle},
    {"rate limit hit", ErrorKind::throttle},
    {"too many simultaneous connections", ErrorKind::throttle},
    {"maximum number of connections", ErrorKind::throttle},
    {"too many login", ErrorKind::throttle},
    {"session expired, please login again", ErrorKind::throttle},
    {"user is authenticated but not connected", ErrorKind::auth},
    {"server unavailable", ErrorKind::busy},
};
/// Said of a mailbox that is named in a command, by servers that give no code.
constexpr KnownText kMailboxTexts[] = {
    {"mailbox doesn't exist", ErrorKind::not_found},
    {"mailbox does not exist", ErrorKind::not_found},
    {"the specified folder could not be found", ErrorKind::not_found},
    {"no such mailbox", ErrorKind::not_found},
    {"unknown mailbox", ErrorKind::not_found},
};
constexpr KnownText kAppendTexts[] = {
    {"maximum size of appendable message", ErrorKind::message},
    {"message too large", ErrorKind::message},
    {"message size exceeds", ErrorKind::message},
    {"invalid header", ErrorKind::message},
    {"contains bare newlines", ErrorKind::message},
    {"contains nul", ErrorKind::message},
    {"invalid character in literal", ErrorKind::message},
    {"quota", ErrorKind::quota},
};

std::optional<ErrorKind> kind_of_text(std::string_view text, CommandClass command) {
  for (const auto& [words, kind] : kThrottleTexts) {
    if (says(text, words)) return kind;
  }
  if (command == CommandClass::mailbox || command == CommandClass::append) {
    for (const auto& [words, kind] : kMailboxTexts) {
      if (says(text, words)) return kind;
    }
  }
  if (command != CommandClass::append) return std::nullopt;
  for (const auto& [words, kind] : kAppendTexts) {
    if (says(text, words)) return kind;
  }
  return std::nullopt;
}

ErrorKind kind_by_default(Status status, CommandClass command) {
  if (status == Status::bye) return ErrorKind::transient;
  if (command == CommandClass::authentication) return ErrorKind::auth;
  if (status == Status::bad) return ErrorKind::server_bug;
  switch (command) {
    case CommandClass::append:
      return ErrorKind::message;
    case CommandClass::create:
    case CommandClass::mailbox:
      return ErrorKind::permission;
    case CommandClass::fetch:
      return ErrorKind::server_bug;
    default:
      return ErrorKind::server_bug;
  }
}

std::string_view remedy_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::auth:
      return "check the user name and the password or token";
    case ErrorKind::quota:
      return "free space on the target or raise its quota";
    case ErrorKind::throttle:
      return "the work goes on when the server allows it; fewer connections help";
    case ErrorKind::security:
      return "do not follow the server elsewhere; ask its operator";
    default:
      return "";
  }
}

}  // namespace

std::optional<milliseconds> suggested_backoff(std::string_view text) {
  constexpr std::string_view kWords = "suggested backoff time:";
  constexpr milliseconds kLeast = std::chrono::seconds(1);
  constexpr milliseconds kMost = std::chrono::hours(1);
  auto at = find_words(text, kWords);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kWords.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return std::nullopt;
  if (negative) return kLeast;
  if (digits > 9) return kMost;
  const milliseconds wait(std::stoll(std::string(text.substr(0, digits))));
  return std::clamp(wait, kLeast, kMost);
}

bool asks_for_patience(const ResponseCode& code, std::string_view text) {
  return code.is(CodeKind::throttled) || says(text, "[THROTTLED]");
}

Error classify(std::string_view where, CommandClass command, Status status, const ResponseCode& code,
               std::string_view text) {
  auto kind = kind_of_code(code.kind, command);
  if (!kind) kind = kind_of_text(text, command);
  const ErrorKind final_kind = kind.value_or(kind_by_default(status, command));
  std::string what = status == Status::bye ? "the server ended the session" : "the server refused";
  if (status == Status::bad) what = "the server found fault with the command";
  if (code && code.kind != CodeKind::unknown) what += " [" + std::string(to_string(code.kind)) + "]";
  Error error(final_kind, std::move(what));
  error.server_text(text).remedy(std::string(remedy_of(final_kind)));
  // Flags that a server will not have are no reason to leave the connection.
  const bool of_flags = command == CommandClass::store && status != Status::bye;
  if (of_flags && final_kind == ErrorKind::server_bug) error.scope(Scope::mailbox);
  if (const auto wait = suggested_backoff(text)) error.retry_after(*wait);
  if (!where.empty()) error.at(where);
  return error;
}

}  // namespace postern::imap
