#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// What went wrong, by what must follow from it. The names are those of the table "When things go wrong" in
/// core/sync/ALGORITHM.md; default_scope() and default_retry() are that table.
enum class ErrorKind : std::uint8_t {
  transient,     // reset, time-out, EOF, failed DNS look-up
  throttle,      // the server asks for patience; never counted as a failure
  busy,          // [INUSE], [UNAVAILABLE]
  quota,         // [OVERQUOTA] on a target
  message,       // this one message is refused: [TOOBIG], illegal content
  auth,          // wrong password, expired token
  permission,    // [NOPERM], [CANNOT]
  not_found,     // [NONEXISTENT], no such account, no such message
  server_bug,    // [SERVERBUG], BAD to a correct command
  protocol,      // octets that no grammar allows
  security,      // certificate, STARTTLS injection, PREAUTH on a clear line
  store,         // the vault cannot be written or is damaged
  store_full,    // no space left for the vault
  vault_in_use,  // another process has the vault open
  vault_format,  // the vault was written by a newer Postern
  config,        // the configuration file or a secret it names
  usage,         // the command line
  cancelled,     // a stop was asked for
  internal,      // a bug of ours
};

/// How much stops: the smallest thing that cannot go on.
enum class Scope : std::uint8_t { message, mailbox, account, process };

/// When trying again makes sense. `wait_until` carries a time in Error::retry_after().
enum class Retry : std::uint8_t { now, backoff, wait_until, never };

std::string_view to_string(ErrorKind kind);
Scope default_scope(ErrorKind kind);
Retry default_retry(ErrorKind kind);

/// A failure as a value. The engine acts on scope() and retry() alone; people read to_string(), which names the place
/// from the outside in, says what happened, quotes the server and ends with the remedy:
///   alice: INBOX/Work: UID 812: FETCH: connection closed in the middle of a message (server said: "Bye"); …
/// Server text is kept apart, raw. to_string() is safe for a terminal (escape.h). Never holds a secret.
class Error {
 public:
  Error(ErrorKind kind, std::string what)
      : kind_(kind), scope_(default_scope(kind)), retry_(default_retry(kind)), what_(std::move(what)) {}

  ErrorKind kind() const { return kind_; }
  Scope scope() const { return scope_; }
  Retry retry() const { return retry_; }
  std::optional<std::chrono::milliseconds> retry_after() const { return retry_after_; }
  const std::string& what() const { return what_; }
  const std::string& where() const { return where_; }
  const std::string& remedy() const { return remedy_; }
  const std::string& server_text() const { return server_text_; }

  /// Puts an outer place in front: error.at("UID 812").at("INBOX").at("alice") reads "alice: INBOX: UID 812".
  Error& at(std::string_view place) &;
  Error&& at(std::string_view place) && { return std::move(at(place)); }
  /// What the reader can do about it, a sentence without a final stop.
  Error& remedy(std::string text) & {
    remedy_ = std::move(text);
    return *this;
  }
  Error&& remedy(std::string text) && { return std::move(remedy(std::move(text))); }
  /// The server's own words, raw octets.
  Error& server_text(std::string_view text) & {
    server_text_ = text;
    return *this;
  }
  Error&& server_text(std::string_view text) && { return std::move(server_text(text)); }
  Error& scope(Scope scope) & {
    scope_ = scope;
    return *this;
  }
  Error&& scope(Scope s) && { return std::move(scope(s)); }
  Error& retry(Retry retry) & {
    retry_ = retry;
    return *this;
  }
  Error&& retry(Retry r) && { return std::move(retry(r)); }
  /// Sets retry() to wait_until.
  Error& retry_after(std::chrono::milliseconds wait) & {
    retry_ = Retry::wait_until;
    retry_after_ = wait;
    return *this;
  }
  Error&& retry_after(std::chrono::milliseconds wait) && { return std::move(retry_after(wait)); }

  std::string to_string() const;

 private:
  ErrorKind kind_;
  Scope scope_;
  Retry retry_;
  std::optional<std::chrono::milliseconds> retry_after_;
  std::string what_;
  std::string where_;
  std::string remedy_;
  std::string server_text_;
};

}  // namespace postern
