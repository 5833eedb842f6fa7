// Every scenario on the real wiring, stopped at each of its steps and resumed: the end is what an undisturbed run
// leaves, nothing is doubled, and a further pass writes nothing. A part of the steps on each run; POSTERN_SWEEP=all
// takes all.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "tests/interrupt/scenarios.h"

namespace postern::testing {
namespace {

using Stop = WiredWorld::Stop;

/// What is to be the same however the way there was.
struct End {
  AccountContent target;
  std::set<std::string> subscribed;
  std::map<std::string, std::multiset<std::string>> vault;  // digests and flags of what is present
};

End end_of(WiredWorld& world) {
  End end;
  end.target = contents(world.target.state());
  world.target.with_account([&](FakeAccount& account) {
    for (const auto& [name, mailbox] : account.mailboxes()) {
      if (mailbox->subscribed) end.subscribed.insert(name);
    }
  });
  for (const auto& [id, mailbox] : world.vault.mailboxes) {
    if (!mailbox.present) continue;
    auto& messages = end.vault[mailbox.name.display()];
    for (const Entry& entry : world.vault.present(mailbox.name.display())) {
      messages.insert(entry.digest.to_hex() + " " + entry.flags.to_string());
    }
  }
  return end;
}

struct Counts {
  std::uint64_t steps = 0, stops = 0, resumes = 0;
} counts;

class InterruptTest : public ::testing::TestWithParam<std::tuple<std::size_t, Stop>> {
 protected:
  const InterruptScenario& scenario() const { return interrupt_scenarios().at(std::get<0>(GetParam())); }
  Stop how() const { return std::get<1>(GetParam()); }

  /// A pass, and a further one where the first has left something to be done.
  static void finish(WiredWorld& world) {
    for (int i = 0; i < 4; ++i) {
      ++counts.resumes;
      const auto report = world.sync();
      if (report.state != sync::PassReport::State::failed && report.problems.empty()) return;
    }
  }
  static void expect_quiet(WiredWorld& world) {
    world.vault.writes = 0;
    const auto mark = world.target.mark();
    world.sync();
    EXPECT_EQ(world.vault.writes, 0u);
    EXPECT_EQ(world.mutations_since(mark), 0u);
    EXPECT_THAT(world.violations(), ::testing::IsEmpty());
  }
};

TEST_P(InterruptTest, StoppedAtEachStepAndResumed) {
  WiredWorld undisturbed;
  scenario().prepare(undisturbed);
  scenario().change(undisturbed);
  undisturbed.stop_at(0, how());
  finish(undisturbed);
  const std::uint64_t steps = undisturbed.steps();
  const End wanted = end_of(undisturbed);
  expect_quiet(undisturbed);
  ASSERT_GT(steps, 5u);
  counts.steps += steps;
  for (std::uint64_t step = 1; step <= steps; ++step) {
    SCOPED_TRACE(std::string(scenario().name) + ", step " + std::to_string(step));
    WiredWorld world;
    scenario().prepare(world);
    scenario().change(world);
    world.stop_at(step, how());
    world.sync_or_die();
    world.stop_at(0, how());
    ++counts.stops;
    finish(world);
    const End end = end_of(world);
    EXPECT_EQ(difference(wanted.target, end.target), "");
    EXPECT_EQ(end.subscribed, wanted.subscribed);
    EXPECT_TRUE(end.vault == wanted.vault) << "the vaults differ";
    expect_quiet(world);
    if (HasFailure()) {
      for (const std::string& command : world.target.commands_since(0)) std::cout << command << "\n";
      break;
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<InterruptTest::ParamType>& info) {
  return std::string(interrupt_scenarios().at(std::get<0>(info.param)).name) +
         (std::get<1>(info.param) == Stop::kill ? "Killed" : "Cut");
}

INSTANTIATE_TEST_SUITE_P(, InterruptTest,
                         ::testing::Combine(::testing::Range<std::size_t>(0, interrupt_scenarios().size()),
                                            ::testing::Values(Stop::kill, Stop::cut)),
                         name_of);

/// The figures of all that ran.
class SaysCounts : public ::testing::Environment {
 public:
  void TearDown() override {
    std::cout << "sweep: " << interrupt_scenarios().size() << " scenarios, " << counts.steps << " steps, "
              << counts.stops << " stops, " << counts.resumes << " passes to resume\n";
  }
};
const auto* const kSaysCounts = ::testing::AddGlobalTestEnvironment(new SaysCounts);

}  // namespace
}  // namespace postern::testing
