#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "tests/support/fake_imap/account.h"
#include "tests/support/fake_imap/faults.h"
#include "tests/support/mail/generator.h"

namespace postern::testing {

struct FakeImapOptions {
  std::string user = "alice";
  std::string password = "correct horse";
  char delimiter = '/';
  std::string prefix = {};  // of the personal namespace, such as "INBOX."
  bool preauth = false;
  /// What is said on a clear line besides what is said after login.
  std::set<std::string> capabilities = everything();

  /// IMAP4rev1 with every extension the fake knows but LITERAL-, X-GM-EXT-1 and the faulty ones.
  static std::set<std::string> everything();
};

/// An IMAP server with one account in memory, which records what it is asked and misbehaves on request. serve() runs a
/// connection as a coroutine over any Stream; the other functions are the test's handle, and are safe from any thread
/// while connections are served on another. Mailbox names are UTF-8 with "/" between levels, UIDs throughout.
class FakeImapServer {
 public:
  explicit FakeImapServer(FakeImapOptions options = {});
  FakeImapServer(const FakeImapServer&) = delete;
  FakeImapServer& operator=(const FakeImapServer&) = delete;
  ~FakeImapServer();

  /// Serves one connection until it ends. `secure` puts TLS on a stream after STARTTLS; without one the octets go on in
  /// clear, as MemoryDialer's do. Both outlive the task.
  using Secure = std::function<Task<Result<std::unique_ptr<Stream>>>(std::unique_ptr<Stream>)>;
  Task<void> serve(Scheduler& scheduler, std::unique_ptr<Stream> stream, Secure secure = {});

  // The user at the server.
  std::uint32_t append(std::string_view mailbox, ByteView octets, const std::vector<std::string>& flags = {},
                       std::int64_t unix_seconds = 1'000'000'000, int zone_minutes = 0);
  std::uint32_t append(std::string_view mailbox, const GeneratedMail& mail);
  /// `change` is "+FLAGS", "-FLAGS" or "FLAGS".
  void store(std::string_view mailbox, std::uint32_t uid, std::string_view change,
             const std::vector<std::string>& flags);
  void expunge(std::string_view mailbox, const std::set<std::uint32_t>& uids);
  /// The same message in a further mailbox, as a label of Gmail's makes it; returns its UID there.
  std::uint32_t copy(std::string_view from, std::uint32_t uid, std::string_view to);
  void create(std::string_view mailbox);
  void remove(std::string_view mailbox);
  void rename(std::string_view from, std::string_view to);
  void subscribe(std::string_view mailbox);
  /// The messages stay and are numbered anew from 1.
  void change_uidvalidity(std::string_view mailbox, std::uint32_t uidvalidity);
  ServerState state() const;

  // What it was asked. A command is kept as sent, behind its tag, literals cut to "{size}"; AUTHENTICATE's lines are
  // not.
  using Mark = std::size_t;
  Mark mark() const;
  std::vector<std::string> commands_since(Mark mark) const;
  /// How many of them begin with `prefix`, in any case.
  std::size_t commands_since(Mark mark, std::string_view prefix) const;
  /// Commands that were answered BAD, and literals that were not allowed: a well-behaved client leaves none.
  std::vector<std::string> violations() const;
  std::size_t connections() const;

  // Its manners.
  void offer(const std::set<std::string>& capabilities);
  void withdraw(const std::set<std::string>& capabilities);
  /// For the next connection; several are used in turn.
  void next_connection(ConnectionFaults faults);
  /// For the next APPEND; several are used in turn.
  void next_append(AppendFault fault);
  void rule(Rule rule);
  void clear_rules();
  /// Asked at each command that changes something, before it is carried out and again (`done`) before it is answered:
  /// true hangs up instead. Called on the serving thread.
  using Interrupt = std::function<bool(const std::string& command, bool done)>;
  void interrupt_when(Interrupt interrupt);
  /// Hangs up on everybody. On the serving thread only.
  void hang_up_all();
  /// Changes the standing lies, or anything in the account, under the lock.
  void lie(const std::function<void(Lies&)>& change);
  void with_account(const std::function<void(FakeAccount&)>& change);

 private:
  friend class FakeSession;
  std::string wire(std::string_view utf8) const;
  FakeMailbox& mailbox(std::string_view utf8);
  void notify();  // with the lock held: connections in IDLE look for changes

  mutable std::mutex mutex_;  // guards all below
  FakeImapOptions options_;
  FakeAccount account_;
  Lies lies_;
  std::deque<ConnectionFaults> connection_faults_;
  std::deque<AppendFault> append_faults_;
  std::deque<Rule> rules_;
  std::vector<std::string> commands_;
  std::vector<std::string> violations_;
  std::size_t connections_ = 0;
  std::map<std::size_t, std::function<void()>> idlers_;  // by connection
  std::map<std::size_t, Stream*> streams_;               // likewise
  Interrupt interrupt_;
};

}  // namespace postern::testing
