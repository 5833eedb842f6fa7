#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/imap/capabilities.h"
#include "core/protocol/imap/command.h"
#include "core/protocol/imap/event.h"
#include "core/protocol/imap/limits.h"
#include "core/protocol/imap/quirk.h"

namespace postern::imap {

struct SessionOptions {
  /// Makes tags that nobody can guess; from a random source, except in tests.
  std::uint64_t tag_seed = 0;
  /// The octets already travel inside TLS.
  bool secure = true;
  /// Not secure yet, and must become so by STARTTLS before anything else; PREAUTH is then an attack.
  bool starttls_required = false;
  /// Capabilities never to be used, upper case.
  std::vector<std::string> disabled;
  /// Tolerates lines that end in LF alone (Quirk::bare_lf).
  bool accept_bare_lf = false;
  Limits before_authentication = Limits::before_authentication();
  Limits after_authentication;
};

enum class State : std::uint8_t { greeting, not_authenticated, authenticated, selected, logout, closed };

/// What is known of the opened mailbox; reset by each SELECT or EXAMINE, complete at its tagged OK, kept up to date by
/// EXISTS, EXPUNGE and FLAGS.
struct SelectedMailbox {
  MailboxName name;
  bool read_only = true;
  UidValidity uidvalidity;    // 0: not stated
  std::uint32_t uidnext = 0;  // 0: not stated
  ModSeq highestmodseq;       // 0: not stated, or NOMODSEQ
  bool no_modseq = false;
  bool uid_not_sticky = false;
  std::uint32_t exists = 0;
  bool exists_stated = false;  // RFC 9051 §6.3.2 requires it; 0 is no count where it is missing
  std::uint32_t recent = 0;
  FlagSet flags;
  std::optional<PermanentFlags> permanent_flags;  // none: all flags stick (RFC 9051 §7.1)
  std::string mailbox_id;
};

/// One connection's machine: octets in, events out, commands in, octets out. Decides everything about the protocol and
/// does nothing: no IO, no clock, no thread. Not thread-safe.
///
///   enqueue(command) → output() → the wire → feed(octets) → next_event() until nullopt
///
/// Commands are pipelined as far as that is safe: behind a synchronising literal, AUTHENTICATE, LOGIN, STARTTLS,
/// COMPRESS and IDLE the later ones wait inside. Untagged data belongs to the oldest command in flight that can have
/// asked for it.
class Session {
 public:
  explicit Session(SessionOptions options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Refused, without harm to the session: arguments that cannot be written (ErrorKind::message), credentials before
  /// TLS, LOGIN under LOGINDISABLED, STARTTLS not offered (ErrorKind::security), anything after LOGOUT or the end.
  Result<CommandId> enqueue(Command command);

  /// Octets to write. Valid until the next call of anything but output(). consume_output() says how many were taken.
  ByteView output() const;
  void consume_output(std::size_t count);

  /// `octets` must stay put until next_event() has given nullopt; the next feed() comes only then. Feeding after
  /// HandOver and before handed_over() is an attack, and fatal.
  void feed(ByteView octets);
  /// The server closed its side.
  void end_of_input();
  std::optional<Event> next_event();

  // --- answers to events
  /// Continuation::For::sasl: the raw response, base64-coded here.
  Result<void> respond(const Secret& octets);
  /// Ends the exchange with "*"; the server then answers BAD.
  Result<void> cancel_authentication();
  /// Ends IDLE. Before the server's "+", DONE is sent as soon as it comes.
  Result<void> done();
  /// BodyWanted: the next octets of the message. More than announced is refused and ends the session.
  Result<void> supply(ByteView octets);
  /// BodyWanted: all has been supplied. Fewer than announced is refused and ends the session.
  Result<void> end_body();
  /// HandOver: the layer is in place. After TLS all state is dropped, capabilities too.
  void handed_over();
  /// HandOver to deflate: octets already fed that belong to the new layer. Call before handed_over().
  Bytes take_unread();

  // --- state
  State state() const;
  bool secure() const;
  const Capabilities& capabilities() const;
  /// Enabled by ENABLE and confirmed by ENABLED.
  bool enabled(std::string_view name) const;
  /// Null unless state() is selected.
  const SelectedMailbox* selected() const;
  const QuirkCounts& quirks() const;
  /// Commands enqueued and not yet ended by a Tagged event.
  std::size_t in_flight() const;
  /// Commands enqueued since the greeting, ended or not.
  std::uint64_t commands_sent() const;
  /// True when every octet of the command has left output() (for an APPEND: "cut before the last octet").
  bool fully_written(CommandId command) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace postern::imap
