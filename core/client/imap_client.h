#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/base/stop_point.h"
#include "core/client/conversation.h"
#include "core/client/imap_settings.h"
#include "core/client/pace.h"
#include "core/client/read_buffer.h"
#include "core/client/throttle_pacer.h"
#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/protocol/imap/session.h"

namespace postern::client {

/// One authenticated IMAP connection: an imap::Session run over a Stream, with a limit on every wait. Owns both. One
/// conversation at a time. After a failure of the connection (not: a NO or BAD) every call gives the error that ended
/// it. Lives on the scheduler's thread; `dialer` and `scheduler` must outlive it.
class ImapClient {
 public:
  /// Connects, puts TLS in place, authenticates, compresses the line where the settings and the server have it, says ID
  /// and enables what the server has of CONDSTORE, QRESYNC and UIDONLY (ImapSettings::introduce_with_first: later).
  static Task<Result<std::unique_ptr<ImapClient>>> connect(Dialer& dialer, Scheduler& scheduler, ImapSettings settings,
                                                           Wait wait);
  ~ImapClient();
  ImapClient(const ImapClient&) = delete;
  ImapClient& operator=(const ImapClient&) = delete;

  const imap::Capabilities& capabilities() const { return session_.capabilities(); }
  bool has(std::string_view capability) const { return capabilities().has(capability); }
  /// CONDSTORE may be used (RFC 7162; QRESYNC implies it).
  bool condstore() const { return has("CONDSTORE") || has("QRESYNC"); }
  /// QRESYNC was offered and ENABLE was answered with OK. The list in ENABLED is not asked: iCloud's is empty.
  bool qresync() const { return enabled_qresync_ && has("QRESYNC"); }
  /// UIDONLY is in force (RFC 9586): ENABLED named it. The whole mailbox is then in view, however large.
  bool uid_only() const { return session_.enabled("UIDONLY"); }
  /// Null unless a mailbox is open.
  const imap::SelectedMailbox* selected() const { return session_.selected(); }
  const ImapSettings& settings() const { return settings_; }
  bool usable() const { return !broken_; }
  /// The line is compressed (COMPRESS=DEFLATE).
  bool compressed() const { return compressed_; }
  /// Commands of this connection so far, those of the login included.
  std::uint64_t commands_sent() const { return session_.commands_sent(); }

  /// Runs a conversation to its end: commands pipelined within its window and the settings' limits.
  Task<Result<void>> run(Conversation& conversation, Wait wait);

  /// Runs one command. NO and BAD are Tagged too: its `error` is set. `untagged` may be empty.
  Task<Result<imap::Tagged>> execute(imap::Command command, std::function<void(imap::Untagged&)> untagged, Wait wait);

  /// LOGOUT within ImapTimeouts::logout, where the connection still works; then closes it.
  Task<void> logout();
  /// Closes at once.
  void close();

  // --- for conversations, from act()
  Scheduler& scheduler() { return scheduler_; }
  imap::Session& session() { return session_; }
  /// Writes what the session has to say.
  Task<Result<void>> flush(Wait wait);
  /// Gives the server `silence` for its next answer, in place of the usual limit.
  void expect_silence(std::chrono::nanoseconds silence) { pace_.restart(silence); }
  /// Puts TLS under the session and tells it so (STARTTLS).
  Task<Result<void>> put_on_tls(Wait wait);
  /// Puts DEFLATE under the session and tells it so (COMPRESS, RFC 4978).
  Task<Result<void>> put_on_deflate();

 private:
  struct Sent {
    imap::CommandId id;
    std::size_t octets = 0;
  };
  ImapClient(Dialer& dialer, Scheduler& scheduler, ImapSettings settings, std::unique_ptr<Stream> stream);

  // imap_client.cc: running conversations
  Task<Result<void>> run_alone(Conversation& conversation, Wait wait);
  Task<Result<void>> fill(Conversation& conversation, Wait wait);
  bool may_send(const Conversation& conversation) const;
  Task<Result<void>> dispatch(Conversation& conversation, Wait wait);
  Result<void> take(Conversation& conversation, imap::Event& event);
  void take(Conversation& conversation, imap::Tagged& tagged);
  Task<Result<void>> read(Wait wait);
  Result<void> not_cut();
  tl::unexpected<Error> broken(Error error);

  // login.cc: from the greeting to the authenticated state
  Task<Result<void>> log_in(Wait wait);
  Task<Result<void>> greet(Wait wait);
  Task<Result<void>> secure_line(Wait wait);
  Task<Result<void>> ask_capabilities(Wait wait);
  Task<Result<void>> authenticate(Wait wait);
  Task<Result<imap::Tagged>> attempt(sasl::Method method, Secret password, Wait wait);
  Error login_refused(const Error& error, sasl::Method method) const;
  Task<Result<void>> compress(Wait wait);
  Task<Result<void>> introduce(Conversation& first, Wait wait);

  Dialer& dialer_;
  Scheduler& scheduler_;
  ImapSettings settings_;
  std::unique_ptr<Stream> stream_;
  imap::Session session_;
  Pace pace_;
  ThrottlePacer throttle_;
  ReadBuffer buffer_;
  std::deque<Sent> sent_;                          // commands in flight, oldest first
  std::size_t sent_octets_ = 0;                    // of them
  std::optional<imap::CommandId> changing_;        // the last one that changes something, until it is written
  const std::uint64_t cuts_ = stop_point::cuts();  // when this was connected
  bool in_body_ = false;                           // a message body is under way
  bool exhausted_ = false;                         // the conversation has no further command
  bool greeted_ = false;
  bool compressed_ = false;
  bool introduced_ = true;  // false: ID and ENABLE go with the next conversation
  bool enabled_qresync_ = false;
  std::optional<Error> failed_;    // what ends the conversation, but not the connection
  std::optional<Error> farewell_;  // an unasked BYE
  std::optional<Error> broken_;    // why the connection cannot be used any more
};

}  // namespace postern::client
