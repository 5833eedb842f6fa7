// A target server that was restored from a backup: the same UIDVALIDITY, a smaller UIDNEXT.

#include <map>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

class RestoredTargetTest : public ::testing::Test {
 protected:
  RestoredTargetTest() : s(ServerKind::dovecot) {}
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
  }
  void send(int from, int to) {
    for (int i = from; i < to; ++i) s.source.user().append("INBOX", mail("m" + std::to_string(i)));
  }
  /// The backup has six of the ten that were replayed, and `foreign` others have come since it was brought back.
  void restore(int foreign) {
    send(0, 6);
    EXPECT_CLEAN(s.sync());
    s.target.dovecot()->back_up();
    send(6, 10);
    EXPECT_CLEAN(s.sync());
    s.target.dovecot()->restore();
    for (int i = 0; i < foreign; ++i) s.target.user().append("INBOX", mail("foreign " + std::to_string(i)));
  }
  std::map<std::string, int> on_target() {
    std::map<std::string, int> times;
    const ServerState state = s.target.state();
    for (const StoredMessage& one : state.at("INBOX").messages) ++times[one.sha256];
    return times;
  }
  void expect_each_once(int ours, int foreign) {
    std::map<std::string, int> wanted;
    for (int i = 0; i < ours; ++i) wanted[sha256_hex(mail("m" + std::to_string(i)))] = 1;
    for (int i = 0; i < foreign; ++i) wanted[sha256_hex(mail("foreign " + std::to_string(i)))] = 1;
    EXPECT_EQ(on_target(), wanted);
  }

  Scenario s;
};

TEST_F(RestoredTargetTest, GetsAgainWhatItLost) {
  restore(3);
  send(10, 11);
  const SyncReport report = s.sync();
  EXPECT_EQ(report.state, "attention") << report;
  EXPECT_EQ(report.target.at("appended"), 5u);
  EXPECT_NE(report.problems.find("went back to 10 under the same UIDVALIDITY"), std::string::npos) << report;
  expect_each_once(11, 3);
  const SyncReport next = s.sync();
  EXPECT_CLEAN(next);
  EXPECT_EQ(next.target.at("appended"), 0u);
}

TEST_F(RestoredTargetTest, DoesNotCostTheSourceItsMail) {
  s.postern.settings = "defaults: {delete_source: after_verified, grace: 30d}\n";
  restore(7);
  s.postern.settings = "defaults: {delete_source: after_verified}\n";
  EXPECT_EQ(s.sync().source.at("deleted"), 0u) << "UIDNEXT has caught up: the messages themselves tell it";
  EXPECT_EQ(s.source.state().at("INBOX").messages.size(), 10u);
  s.sync();
  expect_each_once(10, 7);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.source.state().at("INBOX").messages.size(), 0u);
  expect_each_once(10, 7);
}

TEST_F(RestoredTargetTest, GetsAgainWhatIsAtTheSourceNoMore) {
  s.postern.settings = "defaults: {delete_source: after_verified}\n";
  restore(3);
  EXPECT_EQ(s.source.state().at("INBOX").messages.size(), 0u) << "the vault alone has four of them";
  send(10, 11);
  const SyncReport report = s.sync();
  EXPECT_EQ(report.state, "attention") << report;
  EXPECT_EQ(report.target.at("appended"), 5u);
  expect_each_once(11, 3);
  s.sync();
  const SyncReport last = s.sync();
  EXPECT_CLEAN(last);
  EXPECT_EQ(last.target.at("appended"), 0u);
  expect_each_once(11, 3);
}

}  // namespace
}  // namespace postern::testing
