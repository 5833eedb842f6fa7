// Syncs from Dovecot to Dovecot are killed at many instants and always resumed: nothing may be lost or doubled (I1,
// I4).
//
// After a kill in the middle of an APPEND the next pass waits to see whether the server still commits it, so that one
// account cannot be killed in its replay again and again within a short test. There are therefore several journeys,
// each with a vault and a target account of its own: each is killed in its pull, in its replay, and then anywhere,
// which is mostly in that wait; at the end all are resumed side by side, so that the wait is paid once.
//
// The instants are spread over a pass by its progress, read from its traces on disk: a quiet run first tells how large
// the vault becomes, and how many messages the target has is seen in its Maildir. How many kills came in which phase is
// printed. POSTERN_CRASH_KILLS (30), POSTERN_CRASH_MESSAGES (600, in each journey), POSTERN_CRASH_SEED, and
// POSTERN_CRASH_PATIENCE (2 seconds for an instant to be reached).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
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

/// Messages delivered to any mailbox below `root`.
std::uint64_t messages_below(const std::filesystem::path& root) {
  std::uint64_t total = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    const std::string folder = at->path().parent_path().filename();
    total += (folder == "cur" || folder == "new") ? 1 : 0;
  }
  return total;
}

enum class Phase : std::uint8_t { pull, replay, wait };

/// An account's way from the source to a target user of its own.
struct Journey {
  std::string user;
  std::unique_ptr<PosternProgram> postern;
  std::filesystem::path mail;  // the target user's Maildir
};

/// What a whole pass leaves on disk.
struct Whole {
  std::uint64_t vault_octets = 1, messages = 1;
};

/// 0 to 1: half for the pull, half for the replay.
double progress(const Journey& journey, const Whole& whole) {
  const auto share = [](std::uint64_t now, std::uint64_t all) {
    return std::min(1.0, static_cast<double>(now) / static_cast<double>(all));
  };
  const std::uint64_t delivered = messages_below(journey.mail);
  const double pulled = delivered > 0 ? 1 : share(octets_below(journey.postern->vault()), whole.vault_octets);
  return (pulled + share(delivered, whole.messages)) / 2;
}

struct Instant {
  double share;                      // of the progress
  std::chrono::microseconds longer;  // after it has been reached
  std::chrono::seconds patience;     // for it to be reached
};

/// Lets `postern sync` run until `instant`, then kills it. Nothing when it ended before.
std::optional<Phase> kill_at(Journey& journey, const Whole& whole, const Instant& instant) {
  const std::uint64_t before = messages_below(journey.mail);
  const auto running = journey.postern->start({"sync"});
  const auto latest = std::chrono::steady_clock::now() + instant.patience;
  while (progress(journey, whole) < instant.share && std::chrono::steady_clock::now() < latest) {
    if (running->wait(1ms)) return std::nullopt;
  }
  if (running->wait(std::chrono::duration_cast<std::chrono::milliseconds>(instant.longer))) return std::nullopt;
  running->send_signal(SIGKILL);
  if (running->wait(30s) != ExitStatus{0, SIGKILL}) return std::nullopt;
  const std::uint64_t now = messages_below(journey.mail);
  return now > before ? Phase::replay : now == 0 ? Phase::pull : Phase::wait;
}

class CrashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
    MaildirWriter maildir = source.dovecot()->maildir();
    for (const GeneratedMailbox& box : varied_account(seed, setting("POSTERN_CRASH_MESSAGES", 600))) {
      maildir.create(box.name);
      for (const GeneratedMail& m : box.messages) maildir.add(box.name, m);
    }
    maildir.finish();
    wanted = source.contents();
    for (const auto& [name, mailbox] : wanted) whole.messages += mailbox.size();
    PosternProgram quiet(SideConfig::of(source), std::nullopt);
    ASSERT_EQ(quiet.sync().exit_code, 0);
    whole.vault_octets = octets_below(quiet.vault());

    std::vector<std::string> users;
    for (std::size_t i = 0; i < count; ++i) users.push_back("traveller" + std::to_string(i));
    target = std::make_unique<Dovecot>(DovecotOptions{.users = users});
    for (const std::string& user : users) {
      const SideConfig side{.port = target->imap_port(), .user = user, .password = Dovecot::kPassword};
      journeys.push_back(
          {user, std::make_unique<PosternProgram>(SideConfig::of(source), side), target->mail_directory() / user});
    }
  }

  /// The `round`th kill of a journey: in the pull, in the replay, then anywhere.
  void kill(Journey& journey, std::size_t round) {
    const double at = static_cast<double>(random.below(1'000'000)) / 1e6;
    const double share = round == 0 ? at / 2 : round == 1 ? 0.5 + at / 2.2 : at;
    const auto phase = kill_at(journey, whole, {share, std::chrono::microseconds(random.below(8'000)), patience});
    if (phase) ++killed[*phase];
  }

  /// The last pass of all journeys, side by side.
  void resume_all() {
    std::vector<std::unique_ptr<ChildProcess>> running;
    for (Journey& journey : journeys) running.push_back(journey.postern->start({"sync"}));
    for (const auto& pass : running) EXPECT_EQ(pass->wait(300s), ExitStatus{}) << pass->errors();
  }

  void expect_nothing_lost_or_doubled(Journey& journey) {
    SCOPED_TRACE(journey.user);
    EXPECT_EQ(difference(wanted, contents(target->login(journey.user).state())), "");
    AccountContent not_empty = wanted;
    std::erase_if(not_empty, [](const auto& mailbox) { return mailbox.second.empty(); });
    EXPECT_EQ(difference(not_empty, contents(journey.postern->ls())), "");
    EXPECT_EQ(journey.postern->problems(), 0u);
    const SyncReport again = journey.postern->sync();
    EXPECT_EQ(again.exit_code, 0) << again;
    EXPECT_EQ(again.target.at("appended"), 0u) << again;
    EXPECT_EQ(again.source.at("messages_fetched"), 0u) << again;
  }

  const std::size_t kills = setting("POSTERN_CRASH_KILLS", 30);
  const std::size_t count = std::max<std::size_t>(1, kills / 3);
  const std::uint64_t seed = setting("POSTERN_CRASH_SEED", 7);
  const std::chrono::seconds patience{setting("POSTERN_CRASH_PATIENCE", 2)};
  Random random{seed};
  MailServer source{ServerKind::dovecot};
  std::unique_ptr<Dovecot> target;
  AccountContent wanted;
  Whole whole{.messages = 0};
  std::vector<Journey> journeys;
  std::map<Phase, std::size_t> killed;
};

TEST_F(CrashTest, NothingIsLostOrDoubledHoweverOftenItIsKilled) {
  for (std::size_t i = 0; i < kills; ++i) kill(journeys[i % count], i / count);
  std::cout << "kills: " << killed[Phase::pull] << " in a pull, " << killed[Phase::replay] << " in a replay, "
            << killed[Phase::wait] << " in the wait after one; "
            << kills - killed[Phase::pull] - killed[Phase::replay] - killed[Phase::wait] << " came too late"
            << std::endl;
  EXPECT_GE(killed[Phase::pull], kills / 5);
  EXPECT_GE(killed[Phase::replay], kills / 5);

  resume_all();
  for (Journey& journey : journeys) expect_nothing_lost_or_doubled(journey);
  EXPECT_EQ(difference(wanted, source.contents()), "") << "the source is only read";
}

}  // namespace
}  // namespace postern::testing
