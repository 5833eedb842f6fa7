// A sync from Dovecot to Dovecot is killed at many instants and always resumed: nothing may be lost or doubled (I1,
// I4).
//
// The instants are spread over the run by its progress: a quiet run first tells how large the vault becomes, and a kill
// waits until vault and target have grown to its share of that. After a kill in the middle of an APPEND the next pass
// waits to see whether the server still commits it; in the short form such a wait is cut by the next kill after
// POSTERN_CRASH_PATIENCE seconds. The long form: POSTERN_CRASH_KILLS=300 POSTERN_CRASH_PATIENCE=200; also
// POSTERN_CRASH_MESSAGES and POSTERN_CRASH_SEED.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <system_error>

#include "tests/support/mail/random.h"
#include "tests/support/postern/postern_program.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// Octets of all files below `root`, which others write to and delete meanwhile.
std::uint64_t octets_below(const std::filesystem::path& root) {
  std::uint64_t total = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    const auto size = at->is_regular_file(error) ? at->file_size(error) : 0;
    if (!error) total += size;
    error.clear();
  }
  return total;
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
  }

  static void prepare(MailServer& source, std::size_t messages, std::uint64_t seed) {
    MaildirWriter maildir = source.dovecot()->maildir();
    for (const GeneratedMailbox& box : varied_account(seed, messages)) {
      maildir.create(box.name);
      for (const GeneratedMail& m : box.messages) maildir.add(box.name, m);
    }
    maildir.finish();
  }
};

/// Progress of a pass from its traces on disk, 0 to 1: half for the pull, half for the replay.
struct Traces {
  std::filesystem::path vault, target;
  std::uint64_t vault_when_pulled = 1, mail_when_replayed = 1;

  double progress() const {
    const auto share = [](std::uint64_t now, std::uint64_t whole) {
      return std::min(1.0, static_cast<double>(now) / static_cast<double>(whole));
    };
    return (share(octets_below(vault), vault_when_pulled) + share(octets_below(target), mail_when_replayed)) / 2;
  }
};

struct Instant {
  double share;                      // of the progress
  std::chrono::microseconds longer;  // after it has been reached
  std::chrono::seconds patience;     // for it to be reached
};

/// Lets `postern sync` run until `instant`, then kills it. False when it ended before.
bool kill_at(PosternProgram& postern, const Traces& traces, const Instant& instant) {
  const auto running = postern.start({"sync"});
  const auto latest = std::chrono::steady_clock::now() + instant.patience;
  while (traces.progress() < instant.share && std::chrono::steady_clock::now() < latest) {
    if (running->wait(2ms)) return false;
  }
  if (running->wait(std::chrono::duration_cast<std::chrono::milliseconds>(instant.longer))) return false;
  running->send_signal(SIGKILL);
  return running->wait(30s) == ExitStatus{0, SIGKILL};
}

TEST_F(CrashTest, NothingIsLostOrDoubledHoweverOftenItIsKilled) {
  const std::size_t kills = setting("POSTERN_CRASH_KILLS", 30);
  const std::size_t messages = setting("POSTERN_CRASH_MESSAGES", 2'000);
  const std::uint64_t seed = setting("POSTERN_CRASH_SEED", 7);
  const std::chrono::seconds patience(setting("POSTERN_CRASH_PATIENCE", 3));
  MailServer source(ServerKind::dovecot), target(ServerKind::dovecot);
  prepare(source, messages, seed);
  const AccountContent wanted = source.contents();

  Traces traces{.vault = {}, .target = target.dovecot()->mail_directory()};
  {
    PosternProgram quiet(SideConfig::of(source), std::nullopt);
    ASSERT_EQ(quiet.sync().exit_code, 0);
    traces.vault_when_pulled = octets_below(quiet.vault());
    traces.mail_when_replayed = octets_below(source.dovecot()->mail_directory());
  }
  PosternProgram postern(SideConfig::of(source), SideConfig::of(target));
  traces.vault = postern.vault();

  Random random(seed);
  std::vector<double> shares(kills);
  for (double& share : shares) share = static_cast<double>(random.below(1'000'000)) / 1e6;
  std::sort(shares.begin(), shares.end());
  std::size_t killed = 0;
  for (const double share : shares) {
    const std::chrono::microseconds longer(random.below(30'000));
    killed += kill_at(postern, traces, {share, longer, patience}) ? 1 : 0;
  }
  EXPECT_GE(killed, kills / 2) << "too few of the kills came in time";

  const SyncReport last = postern.sync();
  EXPECT_EQ(last.exit_code, 0) << last;
  EXPECT_EQ(difference(wanted, target.contents()), "");
  EXPECT_EQ(difference(wanted, source.contents()), "") << "the source is only read";
  AccountContent not_empty = wanted;
  std::erase_if(not_empty, [](const auto& mailbox) { return mailbox.second.empty(); });
  EXPECT_EQ(difference(not_empty, contents(postern.ls())), "");
  EXPECT_EQ(postern.problems(), 0u);
  const SyncReport again = postern.sync();
  EXPECT_EQ(again.target.at("appended"), 0u) << again;
  EXPECT_EQ(again.source.at("messages_fetched"), 0u) << again;
}

}  // namespace
}  // namespace postern::testing
