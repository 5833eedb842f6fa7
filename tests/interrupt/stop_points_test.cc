// The real program, ended by SIGKILL or cut off from both servers at its durable writes and changing commands, and run
// again: nothing is lost, nothing is doubled. Some steps on each run; POSTERN_SWEEP=all takes all.

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "tests/scenario/scenario.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {
namespace {

using Act = std::function<void(Scenario&)>;

void expect_alike(Scenario& s) { EXPECT_EQ(s.differences(), ""); }

struct Story {
  const char* name;
  std::set<std::string> without;  // extensions that the target does not have
  Act prepare, change;
  Act expect = expect_alike;
};

void nothing(Scenario&) {}

void account(Scenario& s) {
  PlainImap user = s.source.user();
  for (int i = 0; i < 3; ++i) user.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
  user.create("Work/Plans");
  for (int i = 0; i < 2; ++i) user.append("Work/Plans", mail("p" + std::to_string(i)));
}

void copied(Scenario& s) {
  account(s);
  EXPECT_CLEAN(s.sync());
}

void delta(Scenario& s) {
  PlainImap user = s.source.user();
  user.append("INBOX", mail("new"), {"\\Draft"});
  user.store("INBOX", "2", "FLAGS", {"\\Flagged", "$Work"});
  user.create("Later");
  user.append("Later", mail("later"));
  user.subscribe("Later");
}

Act with_settings(const std::string& settings, Act then) {
  return [=](Scenario& s) {
    s.postern.settings = "defaults: {" + settings + "}\n";
    then(s);
  };
}

void moved_and_deleted(Scenario& s) {
  PlainImap user = s.source.user();
  user.append("INBOX", mail("p0"));
  user.expunge("Work/Plans", "1");
  user.expunge("INBOX", "2");
  user.append("INBOX", mail("new"));
}

/// Copies of what the source had stand on the target, and nothing else.
void expect_cleared(Scenario& s) {
  std::size_t left = 0, there = 0;
  for (const auto& [name, mailbox] : s.source.contents()) left += mailbox.size();
  for (const auto& [name, mailbox] : s.target.contents()) there += mailbox.size();
  EXPECT_EQ(left, 0u);
  EXPECT_EQ(there, 5u);
}

const std::vector<Story>& stories() {
  static const std::vector<Story> all{
      {"FirstCopy", {}, nothing, account},
      {"FirstCopyToAWeakServer", {"MULTIAPPEND", "UIDPLUS", "LITERAL+"}, nothing, account},
      {"Delta", {}, copied, delta},
      {"TargetRenumbered",
       {},
       copied,
       [](Scenario& s) {
         s.target.change_uidvalidity("INBOX", 5'000);
         delta(s);
       }},
      {"MovesAndDeletionsFollowed", {}, with_settings("deletes: mirror", copied), moved_and_deleted},
      {"SourceCleared", {}, with_settings("delete_source: after_verified", nothing), account, expect_cleared},
  };
  return all;
}

class StopPointsTest : public ::testing::TestWithParam<std::tuple<std::size_t, bool>> {
 protected:
  void SetUp() override {
    if (POSTERN_HAS_STOP_POINTS == 0) GTEST_SKIP() << "built without POSTERN_STOP_POINTS";
  }
};

bool all_steps() {
  const char* said = std::getenv("POSTERN_SWEEP");
  return said != nullptr && std::string_view(said) == "all";
}

TEST_P(StopPointsTest, TheProgramResumes) {
  const Story& story = stories().at(std::get<0>(GetParam()));
  const bool cut = std::get<1>(GetParam());
  int stops = 0;
  for (int step = 1;; step += all_steps() ? 1 : 12) {
    SCOPED_TRACE(std::string(story.name) + ", step " + std::to_string(step));
    Scenario s(ServerKind::fake);
    s.postern.env["POSTERN_STOP_SETTLE_MS"] = "50";
    s.target.fake()->withdraw(story.without);
    story.prepare(s);
    story.change(s);
    s.postern.env["POSTERN_STOP_AT"] = std::to_string(step);
    if (cut) s.postern.env["POSTERN_STOP_HOW"] = "cut";
    const Finished first = s.postern.run({"sync"});
    const bool reached =
        cut ? first.err.find("stop point reached") != std::string::npos : first.status.signal == SIGKILL;
    if (!reached) {
      EXPECT_EQ(first.status.code, 0) << first.err;
      break;
    }
    ++stops;
    s.postern.env.erase("POSTERN_STOP_AT");
    EXPECT_CLEAN(s.sync());
    story.expect(s);
    EXPECT_CLEAN(s.sync());  // learns what it has itself deleted at the source
    EXPECT_EQ(s.postern.problems(), 0u);
    const std::string before = s.postern.snapshots();
    EXPECT_CLEAN(s.sync());
    EXPECT_EQ(s.mutating_commands(), 0u);
    EXPECT_EQ(s.postern.snapshots(), before);
    story.expect(s);
    EXPECT_THAT(s.target.fake()->violations(), ::testing::IsEmpty());
    if (HasFailure()) break;
  }
  EXPECT_GT(stops, 1);
  std::cout << story.name << ": " << stops << (cut ? " cuts\n" : " kills\n");
}

std::string name_of(const ::testing::TestParamInfo<StopPointsTest::ParamType>& info) {
  return std::string(stories().at(std::get<0>(info.param)).name) + (std::get<1>(info.param) ? "Cut" : "Killed");
}

INSTANTIATE_TEST_SUITE_P(, StopPointsTest,
                         ::testing::Combine(::testing::Range<std::size_t>(0, stories().size()), ::testing::Bool()),
                         name_of);

TEST(StopPoints, AreInTestBuildsAlone) {
  const std::string program = read_file(POSTERN_BINARY);
  for (const char* name : {"POSTERN_STOP_AT", "POSTERN_STOP_HOW", "POSTERN_STOP_SETTLE_MS"}) {
    EXPECT_EQ(program.find(name) != std::string::npos, POSTERN_HAS_STOP_POINTS != 0) << name;
  }
}

}  // namespace
}  // namespace postern::testing
