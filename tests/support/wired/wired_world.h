#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "core/client/imap_settings.h"
#include "core/sync/pass.h"
#include "tests/support/fake_imap/fake_imap_server.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_dialer.h"
#include "tests/support/model/model_vault.h"

namespace postern::testing {

/// Two fake servers, the program's own engine and IMAP adapters between them, and a vault in memory: one thread,
/// simulated time.
class WiredWorld {
 public:
  WiredWorld();

  /// One pass, to its end.
  sync::PassReport sync();
  /// One pass that may be interrupted on its way; true when it came to its end undisturbed and well.
  bool sync_or_die();

  /// A step is each durable write and each command that changes something at a server, before it takes effect and after
  /// it, when nobody has been told yet.
  enum class Stop : std::uint8_t {
    kill,  // the process ends: nothing is written any more, all connections are gone
    cut,   // all connections break
  };
  /// Counts steps from here on, and stops at the `step`-th (1 is the next; 0: never).
  void stop_at(std::uint64_t step, Stop how);
  std::uint64_t steps() const { return steps_; }

  /// What tells source and target apart; empty when they hold the same mail.
  std::string difference() const;
  /// Commands sent to the target since `mark` that change something there.
  std::size_t mutations_since(FakeImapServer::Mark mark) const;
  /// Commands that a server had to refuse as wrong, of both.
  std::vector<std::string> violations() const;

  /// What others do in the meantime: called at each step, with the number of steps since the world began.
  std::function<void(std::uint64_t)> meanwhile;

  ManualLoop loop;
  FakeImapServer source, target;
  MemoryDialer dialer{loop};
  Faults faults{loop};
  VaultState vault;
  sync::PassOptions options;
  sync::Progress progress;

 private:
  bool stops_here();
  Fault at_write();
  bool at_command();
  void break_connections();
  Task<void> accept(FakeImapServer& server, std::unique_ptr<Stream> stream);
  client::ImapSettings settings(const std::string& host) const;

  std::uint64_t steps_ = 0, all_steps_ = 0, stop_at_ = 0;
  Stop how_ = Stop::kill;
  bool dead_ = false;
};

/// A message of that subject. Equal arguments give equal octets; texts of one length give messages that header and
/// size do not tell apart.
Bytes wired_mail(std::string_view subject, std::string_view text = "text");

}  // namespace postern::testing
