// Every scenario on the real wiring, stopped at each of its steps and resumed: the end is what an undisturbed run
// leaves, nothing is doubled, and a further pass writes nothing. Every step is taken on each run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "tests/interrupt/scenarios.h"
#include "tests/support/mail/random.h"

namespace postern::testing {
namespace {

using Stop = WiredWorld::Stop;

/// What is to be the same however the way there was.
struct End {
  AccountContent source, target;
  std::set<std::string> subscribed;
  std::map<std::string, std::multiset<std::string>> vault;  // digests and flags of what is present
};

End end_of(WiredWorld& world) {
  End end;
  end.source = contents(world.source.state());
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

std::size_t messages_in(const AccountContent& account) {
  std::size_t messages = 0;
  for (const auto& [name, mailbox] : account) messages += mailbox.size();
  return messages;
}

struct Counts {
  std::uint64_t steps = 0, stops = 0, resumes = 0;
} counts;

class InterruptTest : public ::testing::TestWithParam<std::tuple<std::size_t, Stop>> {
 protected:
  const InterruptScenario& scenario() const { return interrupt_scenarios().at(std::get<0>(GetParam())); }
  Stop how() const { return std::get<1>(GetParam()); }

  struct Wanted {
    End end;
    std::uint64_t steps = 0;
  };
  Wanted undisturbed() {
    WiredWorld world;
    scenario().prepare(world);
    scenario().change(world);
    world.stop_at(0, how());
    finish(world);
    const Wanted wanted{end_of(world), world.steps()};
    EXPECT_GT(wanted.steps, 5u);
    if (scenario().counts) {
      EXPECT_EQ(messages_in(wanted.end.source), scenario().counts->at_source) << scenario().name;
      EXPECT_EQ(messages_in(wanted.end.target), scenario().counts->at_target) << scenario().name;
    }
    expect_quiet(world);
    return wanted;
  }
  /// Passes that are stopped, each at the step of its turn, and then the end.
  void stop_and_resume(const Wanted& wanted, const std::vector<std::uint64_t>& steps) {
    SCOPED_TRACE(std::string(scenario().name) + ", steps " + ::testing::PrintToString(steps));
    WiredWorld world;
    scenario().prepare(world);
    scenario().change(world);
    for (const std::uint64_t step : steps) {
      world.stop_at(step, how());
      world.sync_or_die();
      ++counts.stops;
    }
    world.stop_at(0, how());
    finish(world);
    const End end = end_of(world);
    EXPECT_EQ(difference(wanted.end.source, end.source), "");
    EXPECT_EQ(difference(wanted.end.target, end.target), "");
    EXPECT_EQ(end.subscribed, wanted.end.subscribed);
    EXPECT_TRUE(end.vault == wanted.end.vault) << "the vaults differ";
    expect_quiet(world);
    if (!HasFailure()) return;
    for (const std::string& command : world.target.commands_since(0)) std::cout << command << "\n";
  }

  /// A pass, and a further one where the first has left something to be done; what was changed at the source comes with
  /// the next pull, and moves the cursors.
  static void finish(WiredWorld& world) {
    for (int i = 0; i < 4; ++i) {
      ++counts.resumes;
      const auto report = world.sync();
      const bool cleared = report.source.deleted != 0;  // the next pass learns of it
      if (report.state != sync::PassReport::State::failed && report.problems.empty() && !cleared) break;
    }
    if (world.options.flags == sync::FlagMode::two_way) world.sync();
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
  const Wanted wanted = undisturbed();
  counts.steps += wanted.steps;
  for (std::uint64_t step = 1; step <= wanted.steps && !HasFailure(); ++step) stop_and_resume(wanted, {step});
}

TEST_P(InterruptTest, StoppedAgainWhileItResumes) {
  const Wanted wanted = undisturbed();
  Random random(std::get<0>(GetParam()));
  for (std::uint64_t step = 1; step <= wanted.steps && !HasFailure(); step += 3) {
    stop_and_resume(wanted, {step, 1 + random.below(wanted.steps), 1 + random.below(wanted.steps)});
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
