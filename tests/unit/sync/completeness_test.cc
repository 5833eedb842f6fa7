// Nothing is lost and nothing is inferred, whatever a server leaves out. The table in tests/scenario/README.md names
// the test for each way to leave something out.

#include <functional>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class CompletenessTest : public PassTest {
 protected:
  CompletenessTest() {
    with_target = false;
    options.flag_sweep = std::chrono::seconds(0);
  }
  void held(int messages) {
    for (int i = 0; i < messages; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    ASSERT_EQ(sync().state, PassReport::State::ok);
    restart_counts();
  }
  /// Runs `act` before the `n`-th call of that name is answered.
  void at(std::string name, int n, std::function<void()> act) {
    faults.choose([=, left = n](std::string_view call) mutable {
      if (call == name && --left == 0) act();
      return Fault::none;
    });
  }
  ModelMailbox& inbox() { return source.box("INBOX"); }
};

TEST_F(CompletenessTest, AnOutageThatShowsAnEmptyMailboxDeletesNothing) {
  held(30);
  source.append("INBOX", mail("news"));
  std::map<Uid, ModelMessage> away;
  at("source.tour", 1, [&] { away = std::exchange(inbox().messages, {}); });
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 0u);
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("STATUS says 31 messages and EXAMINE 0"));
  faults.clear();
  inbox().messages = away;
  EXPECT_EQ(sync().state, PassReport::State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(CompletenessTest, AnExistsThatFlapsIsLookedAtAgain) {
  held(30);
  source.append("INBOX", mail("news"));
  std::map<Uid, ModelMessage> away;
  int opened = 0;
  faults.choose([&](std::string_view call) {
    if (call == "source.tour" && away.empty()) away = std::exchange(inbox().messages, {});
    if (call == "source.open" && ++opened == 2) inbox().messages = away;
    return Fault::none;
  });
  EXPECT_EQ(sync().source.vanished, 0u);
  EXPECT_EQ(opened, 2);
  faults.clear();
  sync();
  expect_in_step();
  expect_quiet();
}

TEST_F(CompletenessTest, AMailboxThatSomebodyEmptiedIsFollowed) {
  held(30);
  for (std::uint32_t uid = 1; uid <= 30; ++uid) inbox().expunge(Uid(uid));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.source.vanished, 30u);
  EXPECT_EQ(faults.calls_of("source.uids"), 2) << "listed twice";
  expect_in_step();
  expect_quiet();
}

TEST_F(CompletenessTest, AnExpungeWhileTheMailboxIsListedIsNoTruncation) {
  source.quirks.condstore = source.quirks.qresync = false;
  held(9);
  inbox().expunge(Uid(1));
  source.append("INBOX", mail("news"));
  at("source.uids", 1, [&] { inbox().expunge(Uid(4)); });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  faults.clear();
  sync();
  expect_in_step();
}

TEST_F(CompletenessTest, AMessageExpungedWhileItIsFetchedIsGoneAndNotQuarantined) {
  for (int i = 0; i < 9; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  at("source.fetch", 1, [&] { inbox().expunge(Uid(4)); });
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.quarantined, 0u);
  faults.clear();
  sync();
  expect_in_step();
}

TEST_F(CompletenessTest, AListingCutShortJustWhenAMessageDidNotComeProvesNothing) {
  for (const int cut_listings : {1, 100}) {
    const Uid silent = source.append("INBOX", mail("silent " + std::to_string(cut_listings)));
    for (int i = 0; i < 3; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    source.quirks.ghosts = UidSet{silent.value()};
    source.quirks.no_status = true;  // the mailbox is pulled by itself
    faults.choose([&, fetched = false, left = cut_listings](std::string_view call) mutable {
      fetched = fetched || call == "source.fetch";
      if (fetched && call == "source.uids") source.quirks.uids_cut = left-- > 0 ? 4 : 0;
      return Fault::none;
    });
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::attention);
    EXPECT_EQ(report.quarantined, 1u) << "neither held nor gone";
    faults.clear();
    source.quirks.ghosts = {};
    source.quirks.no_status = false;
    source.quirks.uids_cut = 0;
    loop.advance(std::chrono::minutes(61));
    EXPECT_EQ(sync().quarantined, 0u);
    expect_in_step();
    expect_quiet();
  }
}

TEST_F(CompletenessTest, AMailboxMadeAnewBeforeAMessageIsFoundMissingIsPulledAgain) {
  for (int i = 0; i < 4; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  source.quirks.ghosts = {2};
  source.quirks.no_status = true;  // the mailbox is pulled by itself
  bool renumbered = false;
  faults.choose([&, fetched = false](std::string_view call) mutable {
    fetched = fetched || call == "source.fetch";
    if (fetched && call == "source.open" && !std::exchange(renumbered, true)) {
      source.renumber("INBOX");
      source.quirks.ghosts = {};
    }
    return Fault::none;
  });
  sync();
  EXPECT_TRUE(renumbered) << "the count is of the same moment as the listing";
  EXPECT_EQ(vault.quarantine.size(), 0u);
  faults.clear();
  expect_in_step();
}

TEST_F(CompletenessTest, AVanishedThatLeavesOneOutIsCompletedByAListing) {
  held(9);
  for (const std::uint32_t uid : {2u, 3u, 7u}) inbox().expunge(Uid(uid));
  inbox().expunged.erase(Uid(3));  // its tombstone is gone
  const auto report = sync();
  EXPECT_EQ(report.source.vanished, 3u);
  EXPECT_THAT(report.quirks, ElementsAre(Pair("changes_incomplete", 1)));
  expect_in_step();
}

TEST_F(CompletenessTest, AnEmptyBodyWhereTheServerCountsOctetsIsNotStored) {
  source.append("INBOX", mail("one"));
  source.append("INBOX", Bytes());
  source.quirks.size_lie = 512;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(vault.present("INBOX").size(), 1u);
  EXPECT_THAT(vault.quarantine.begin()->second.reason, HasSubstr("UID 2"));
  source.quirks.size_lie = 0;
  loop.advance(std::chrono::minutes(61));
  EXPECT_EQ(sync().quarantined, 0u) << "a message of no octets is one all the same";
  expect_in_step();
}

TEST_F(CompletenessTest, M071ABodyOfAnotherLengthThanStatedIsTakenAsItCame) {
  for (const int lie : {-7, 7, 100'000}) {
    source.quirks.size_lie = lie;
    source.append("INBOX", mail("size " + std::to_string(lie)));
    const auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    EXPECT_THAT(report.quirks, ElementsAre(Pair("size_wrong", 1)));
    expect_in_step();
  }
}

TEST_F(CompletenessTest, AGhostIsAskedForAfterOneHourSixADayAndThenWeekly) {
  held(3);
  source.append("INBOX", mail("ghost"));
  source.quirks.ghosts = {4};
  const auto report = sync();
  EXPECT_EQ(report.quarantined, 1u);
  EXPECT_EQ(report.quirks.at("message_left_out"), 1u);
  for (const int hours : {1, 6, 24, 7 * 24, 7 * 24}) {
    loop.advance(std::chrono::hours(hours) - std::chrono::minutes(1));
    restart_counts();
    sync();
    EXPECT_EQ(faults.calls_of("source.fetch"), 0) << hours << " h are not over";
    loop.advance(std::chrono::minutes(2));
    EXPECT_EQ(sync().quarantined, 1u);
    EXPECT_EQ(faults.calls_of("source.fetch"), 1) << hours << " h are over";
  }
  source.quirks.ghosts = {};
  loop.advance(std::chrono::hours(7 * 24 + 1));
  EXPECT_EQ(sync().quarantined, 0u);
  expect_in_step();
  expect_quiet();
}

}  // namespace
}  // namespace postern::testing
