#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/render/entry_line.h"
#include "daemon/render/pace.h"
#include "daemon/render/pass_view.h"
#include "daemon/render/progress_view.h"
#include "daemon/render/quantity.h"
#include "daemon/render/status_view.h"
#include "daemon/render/table.h"

namespace postern::daemon {
namespace {

using namespace std::chrono;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Phase = sync::Progress::Phase;
using State = sync::PassReport::State;

TEST(QuantityTest, IsReadable) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1'234'567), "1,234,567");
  EXPECT_EQ(octets_for_people(1'023), "1023 B");
  EXPECT_EQ(octets_for_people(1'536), "1.5 KiB");
  EXPECT_EQ(octets_for_people(12u << 20), "12 MiB");
  EXPECT_EQ(octets_for_people((1u << 20) - 1), "1.0 MiB");
  EXPECT_EQ(octets_for_people(~0ULL), "16 EiB");
  EXPECT_EQ(duration_for_people(milliseconds(850)), "850 ms");
  EXPECT_EQ(duration_for_people(seconds(42)), "42 s");
  EXPECT_EQ(duration_for_people(seconds(200)), "3 min 20 s");
  EXPECT_EQ(duration_for_people(minutes(125)), "2 h 5 min");
  EXPECT_EQ(duration_for_people(hours(76)), "3 d 4 h");
}

TEST(TableTest, AlignsByCharactersNotOctets) {
  Table table({"name", "n"}, {1});
  table.add({"Entwürfe", "7"});
  table.add({"a", "1,234"});
  EXPECT_EQ(table.to_string(), "name          n\nEntwürfe      7\na         1,234\n");
}

Entry entry() {
  Entry one;
  one.place = {MailboxId(1), UidValidity(1), Uid(7)};
  one.size = 4'711;
  one.flags = {"\\Seen", "$Work"};
  one.internaldate = {1'030'016'183, 60};
  return one;
}

// The line of the product page, field for field.
TEST(EntryLineTest, JsonIsTheContract) {
  EXPECT_EQ(entry_json("alice", MailboxName::from_utf8("INBOX", '/').value(), entry()),
            "{\"account\":\"alice\",\"mailbox\":\"INBOX\",\"uidvalidity\":1,\"uid\":7,\"digest\":\"" +
                std::string(64, '0') +
                "\",\"size\":4711,\"flags\":[\"$Work\",\"\\\\Seen\"],\"internaldate\":\"2002-08-22T12:36:23+01:00\"}");
}

TEST(EntryLineTest, TextCannotDriveATerminal) {
  const auto name = MailboxName::from_wire("a\x1b[2J", '/', true);
  EXPECT_THAT(entry_text(name, entry()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(entry_json("alice", MailboxName::from_wire("Entw&APw-rfe", '/'), entry()), HasSubstr("\"Entwürfe\""));
}

sync::PassReport good_pass() {
  sync::PassReport report;
  report.took = milliseconds(1'200);
  report.source = {.mailboxes = 5, .messages_fetched = 10, .bytes_fetched = 1'234, .commands = 6, .unchanged = 3};
  report.source.rungs[sync::Rung::condstore] = report.source.rungs[sync::Rung::enumerate] = 1;
  report.quirks["extra_space"] = 8;
  report.target.emplace();
  report.target->appended = 10;
  report.target->commands = 9;
  return report;
}

// The document of the product page; "problems", "deleted" of a source, "commands", "unchanged", "rungs" and "quirks"
// were added.
TEST(SyncJsonTest, IsTheContract) {
  EXPECT_EQ(sync_json({{"alice", true, good_pass()}}),
            "{\"accounts\":[{\"name\":\"alice\",\"state\":\"ok\",\"seconds\":1.2,\"source\":{\"mailboxes\":5,"
            "\"messages_fetched\":10,\"bytes_fetched\":1234,\"bodies_reused\":0,\"flag_changes\":0,\"vanished\":0,"
            "\"deleted\":0,\"flag_updates\":0,\"commands\":6,\"unchanged\":3,"
            "\"rungs\":{\"qresync\":0,\"condstore\":1,\"uidnext\":0,\"enumerate\":1}},"
            "\"target\":{\"appended\":10,\"adopted\":0,\"moved\":0,\"flag_updates\":0,\"deleted\":0,\"held\":0,"
            "\"commands\":9},"
            "\"quarantined\":0,\"quirks\":{\"extra_space\":8},\"error\":null,\"problems\":[]}]}");
}

TEST(SyncJsonTest, TargetIsNullWithoutOneAndZeroWhenItWasNotReached) {
  sync::PassReport failed;
  failed.state = State::failed;
  failed.error = Error(ErrorKind::auth, "login refused").at("alice");
  EXPECT_THAT(sync_json({{"alice", false, failed}}), HasSubstr("\"target\":null"));
  EXPECT_THAT(sync_json({{"alice", true, failed}}), HasSubstr("\"target\":{\"appended\":0"));
  EXPECT_THAT(sync_json({{"alice", true, failed}}), HasSubstr("\"error\":\"alice: login refused\""));
}

TEST(SyncTableTest, ShowsErrorsAndWhatIsHeldBelow) {
  sync::PassReport attention = good_pass();
  attention.state = State::attention;
  attention.quarantined = 2;
  attention.problems.push_back(Error(ErrorKind::permission, "refused").at("alice: INBOX"));
  const std::string table = sync_table({{"alice", true, attention}});
  EXPECT_THAT(table, HasSubstr("alice    attention"));
  EXPECT_THAT(table, HasSubstr("\nalice: INBOX: refused\n"));
  EXPECT_THAT(table, HasSubstr("'postern quarantine alice' says why"));
}

TEST(SyncExitTest, FollowsTheWorstThatAPersonMustSee) {
  sync::PassReport failed;
  failed.state = State::failed;
  sync::PassReport attention;
  attention.state = State::attention;
  const AccountReport ok{"a", false, {}};
  EXPECT_EQ(exit_status_of(std::vector<AccountReport>{ok, ok}), ExitStatus::done);
  EXPECT_EQ(exit_status_of(std::vector<AccountReport>{ok, {"b", false, failed}}), ExitStatus::attention);
  EXPECT_EQ(exit_status_of(std::vector<AccountReport>{ok, {"b", false, attention}}), ExitStatus::attention);
  EXPECT_EQ(exit_status_of(std::vector<AccountReport>{{"b", false, failed}}), ExitStatus::failed);
}

TEST(PaceTest, TellsRateAndRemainingTime) {
  Pace pace;
  MonotonicTime now{};
  pace.update(now, 0);
  EXPECT_FALSE(pace.remaining(1'000).has_value());
  for (int second = 1; second <= 5; ++second) pace.update(now += seconds(1), static_cast<std::uint64_t>(second) * 100);
  EXPECT_NEAR(pace.rate(), 100, 1e-6);
  EXPECT_EQ(pace.remaining(1'500), seconds(10));
  EXPECT_EQ(pace.remaining(400), seconds(0));
}

TEST(PaceTest, FollowsAChangeAndANewBeginning) {
  Pace pace;
  MonotonicTime now{};
  pace.update(now, 0);
  for (int second = 1; second <= 10; ++second) pace.update(now += seconds(1), static_cast<std::uint64_t>(second) * 100);
  for (int second = 0; second < 60; ++second) pace.update(now += seconds(1), 1'000);
  EXPECT_LT(pace.rate(), 1);
  pace.update(now += seconds(1), 5);
  EXPECT_EQ(pace.rate(), 0);
  EXPECT_FALSE(pace.remaining(10).has_value());
}

AccountProgress pulling(const std::string& name, std::uint64_t done, std::uint64_t total) {
  AccountProgress account;
  account.name = name;
  account.progress.phase = Phase::pulling;
  account.progress.messages_done = done;
  account.progress.messages_total = total;
  return account;
}

TEST(ProgressLinesTest, OneAccountIsOneLine) {
  AccountProgress alice = pulling("alice", 1'500, 3'000);
  alice.octets_per_second = 2 << 20;
  alice.remaining = seconds(90);
  EXPECT_THAT(
      progress_lines({alice}, 200, 10),
      ElementsAre("alice [##########..........]  50 %  pulled 1,500/3,000 messages, 2.0 MiB/s, 1 min 30 s left"));
}

TEST(ProgressLinesTest, ManyAccountsAreSummedUp) {
  std::vector<AccountProgress> accounts = {pulling("a", 1, 2), pulling("bob", 1, 4), pulling("c", 0, 1)};
  accounts.push_back({"d", {}, 0, {}});
  const auto lines = progress_lines(accounts, 200, 2);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0], HasSubstr("a   ["));
  EXPECT_THAT(lines[1], HasSubstr("bob ["));
  EXPECT_EQ(lines[2], "0 of 4 accounts done, 1 waiting, 1 more under way");
}

TEST(ProgressLinesTest, AHundredPercentIsSaidOfNothingUnfinished) {
  EXPECT_THAT(progress_lines({pulling("alice", 2'999, 3'000)}, 200, 10), ElementsAre(HasSubstr("]  99 %  pulled")));
}

TEST(ProgressLinesTest, BarsStayInTheirColumnWhenAnAccountEnds) {
  AccountProgress done = pulling("a-long-name", 1, 1);
  done.progress.phase = Phase::done;
  EXPECT_THAT(progress_lines({pulling("bob", 1, 2), done}, 200, 10)[0], HasSubstr("bob         ["));
}

TEST(ProgressLinesTest, NeverIsWiderThanTheTerminal) {
  for (std::size_t columns = 1; columns < 60; ++columns) {
    for (const std::string& line : progress_lines({pulling("ü\x1b", 1, 2), pulling("b", 0, 0)}, columns, 5)) {
      EXPECT_LE(columns_of(line), columns);
    }
  }
}

TEST(RatioTest, StaysBetweenNothingAndAll) {
  sync::Progress progress;
  EXPECT_EQ(ratio_of(progress), 0);
  progress.messages_done = 7;
  progress.messages_total = 5;  // a server's count is a claim
  EXPECT_EQ(ratio_of(progress), 1);
}

TEST(StatusViewTest, AnAccountThatWasNeverSynchronised) {
  AccountStatus status;
  status.name = "alice";
  EXPECT_EQ(status_json({status}, WallTime(seconds(100))),
            "{\"accounts\":[{\"name\":\"alice\",\"state\":\"never\",\"messages\":0,\"octets\":0,\"quarantined\":0,"
            "\"deletions_held\":0,"
            "\"last_pass\":null,\"last_success\":null,\"lag_seconds\":null,\"targets\":[],\"error\":null}]}");
  EXPECT_THAT(status_table({status}, WallTime(seconds(100))), HasSubstr("alice    never"));
}

TEST(StatusViewTest, LagProgressAndTheLastError) {
  AccountStatus status;
  status.name = "alice";
  status.last_pass.emplace();
  status.last_pass->state = storage::PassSummary::State::failed;
  status.last_pass->ended = WallTime(seconds(90));
  status.last_pass->last_success = WallTime(seconds(40));
  status.last_pass->error = "alice: login refused";
  status.targets.push_back({"target", 75, 25});
  const std::string json = status_json({status}, WallTime(seconds(100)));
  EXPECT_THAT(json, HasSubstr("\"state\":\"failed\""));
  EXPECT_THAT(json, HasSubstr("\"lag_seconds\":60.0"));
  EXPECT_THAT(json, HasSubstr("{\"name\":\"target\",\"progress\":0.75,\"changes_behind\":25}"));
  const std::string table = status_table({status}, WallTime(seconds(100)));
  EXPECT_THAT(table, HasSubstr("1 min 0 s  25 behind"));
  EXPECT_THAT(table, HasSubstr("\nalice: login refused\n"));
}

}  // namespace
}  // namespace postern::daemon
