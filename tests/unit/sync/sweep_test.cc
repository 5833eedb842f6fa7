// Every scenario, broken at every port call in every way, resumed: nothing is lost, nothing is doubled, and then there
// is nothing to do.

#include <functional>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

struct Scenario {
  const char* name;
  std::function<void(World&)> prepare;  // and passes that went well
  std::function<void(World&)> change;   // what the broken pass has to bring over
};

void fill(ModelServer& server, std::string_view box, int count) {
  for (int i = 0; i < count; ++i) server.append(box, mail(std::string(box) + std::to_string(i % 5)), {"\\Seen"});
}

std::vector<Scenario> scenarios() {
  const auto nothing = [](World&) {};
  const auto first_pass = [](World& world) {
    fill(world.source, "INBOX", 6);
    world.source.create("Work/Plans");
    fill(world.source, "Work/Plans", 3);
    world.source.create("Empty");
  };
  const auto delta = [](World& world) {
    world.loop.advance(std::chrono::hours(2));  // the flag sweep is due
    world.source.append("INBOX", mail("new"), {"\\Draft"});
    world.source.append("INBOX", mail("new"));
    world.source.box("INBOX").store(Uid(2), {"\\Flagged", "$Work"});
    world.source.box("Work/Plans").store(Uid(1), {});
  };
  const auto moved = [](World& world) {
    for (std::uint32_t uid = 1; uid <= 12; ++uid) world.source.move("Work/Plans", Uid(uid), "INBOX");
    world.source.renumber("Empty");
    world.source.append("Empty", mail("new"));
  };
  const auto vanished = [delta](World& world) {
    delta(world);
    world.source.box("INBOX").expunge(Uid(3));
    world.source.box("INBOX").expunge(Uid(5));
    world.source.remove("Work/Plans");
  };
  const auto change_both = [delta](World& world) {
    delta(world);
    world.target.box("INBOX").store(Uid(2), {"\\Seen", "\\Answered"});
    world.target.box("INBOX").store(Uid(3), {});
    world.target.box("INBOX").store(Uid(4), {});
    world.target.box("Work/Plans").store(Uid(2), {"\\Seen", "$Mine"});
  };
  return {
      {"FirstPass", nothing, first_pass},
      {"FirstPassWithoutExtensions",
       [](World& world) {
         world.source.quirks.condstore = world.source.quirks.qresync = false;
         world.target.quirks.multiappend = world.target.quirks.uidplus = false;
       },
       first_pass},
      {"Delta",
       [first_pass](World& world) {
         first_pass(world);
         world.sync();
       },
       delta},
      {"DeltaWithCondstore",
       [first_pass](World& world) {
         world.source.quirks.qresync = false;
         first_pass(world);
         world.sync();
       },
       delta},
      {"DeltaPlain",
       [first_pass](World& world) {
         world.source.quirks.condstore = world.source.quirks.qresync = false;
         first_pass(world);
         world.sync();
       },
       delta},
      {"FilledTarget", nothing,
       [first_pass](World& world) {
         first_pass(world);
         for (const auto& [uid, message] : world.source.box("INBOX").messages) {
           if (uid.value() % 2 == 0) world.target.box("INBOX").append(message.octets, {}, message.date);
         }
       }},
      {"SourceRenumbered",
       [first_pass](World& world) {
         first_pass(world);
         world.sync();
       },
       [delta](World& world) {
         delta(world);
         world.source.renumber("INBOX");
       }},
      {"MovedWithEmailIds",
       [first_pass](World& world) {
         world.with_target = false;  // it keeps what was moved away
         world.source.quirks.email_ids = true;
         first_pass(world);
         fill(world.source, "Work/Plans", 9);
         world.sync();
       },
       moved},
      {"MovedWithoutExtensions",
       [first_pass](World& world) {
         world.with_target = false;
         world.source.quirks.condstore = world.source.quirks.qresync = false;
         first_pass(world);
         fill(world.source, "Work/Plans", 9);
         world.sync();
       },
       moved},
      {"TargetRenumbered",
       [first_pass](World& world) {
         first_pass(world);
         world.sync();
       },
       [delta](World& world) {
         world.target.renumber("INBOX");
         delta(world);
       }},
      {"DeltaOfMailboxesByThemselves",
       [first_pass](World& world) {
         world.source.quirks.no_status = true;
         first_pass(world);
         world.sync();
       },
       delta},
      {"DeltaWithCondstoreByThemselves",
       [first_pass](World& world) {
         world.source.quirks.no_status = true;
         world.source.quirks.qresync = false;
         first_pass(world);
         world.sync();
       },
       delta},
      {"SeveralConnections",
       [](World& world) {
         world.options.connections = world.options.target_connections = 2;
         world.source.quirks.no_status = true;
       },
       [](World& world) {
         for (int i = 0; i < 9; ++i) {
           world.source.create("Box" + std::to_string(i));
           fill(world.source, "Box" + std::to_string(i), 1);
         }
       }},
      {"Mirrored",
       [first_pass](World& world) {
         world.options.deletes = sync::Deletes::mirror;
         first_pass(world);
         world.sync();
       },
       vanished},
      {"Trashed",
       [first_pass](World& world) {
         world.options.deletes = sync::Deletes::trash;
         first_pass(world);
         world.sync();
       },
       vanished},
      {"MovesFollowed",
       [first_pass](World& world) {
         world.options.deletes = sync::Deletes::mirror;
         first_pass(world);
         fill(world.source, "Work/Plans", 9);
         world.sync();
       },
       moved},
      {"MovesFollowedWithoutMove",
       [first_pass](World& world) {
         world.options.deletes = sync::Deletes::mirror;
         world.target.quirks.move = false;
         first_pass(world);
         fill(world.source, "Work/Plans", 9);
         world.sync();
       },
       moved},
      {"FlagsOfBothSides",
       [first_pass](World& world) {
         world.options.flags = sync::FlagMode::two_way;
         first_pass(world);
         world.sync();
         world.sync();
       },
       change_both},
      {"FlagsOfBothSidesPlain",
       [first_pass](World& world) {
         world.options.flags = sync::FlagMode::two_way;
         world.source.quirks.condstore = world.source.quirks.qresync = world.target.quirks.condstore = false;
         first_pass(world);
         world.sync();
         world.sync();
       },
       change_both},
      {"MessageLeftOut", nothing,
       [first_pass](World& world) {
         first_pass(world);
         world.source.quirks.left_out_once = {2, 4};
       }},
  };
}

class SweepTest : public ::testing::TestWithParam<std::tuple<std::size_t, Fault>> {};

std::uint64_t calls_of_a_good_pass(const Scenario& scenario) {
  World world;
  scenario.prepare(world);
  scenario.change(world);
  const std::uint64_t before = world.faults.calls();
  world.sync();
  EXPECT_EQ(difference(world), "") << scenario.name;
  return world.faults.calls() - before;
}

TEST_P(SweepTest, BrokenAtEveryCallAndResumed) {
  const Scenario scenario = scenarios().at(std::get<0>(GetParam()));
  const Fault fault = std::get<1>(GetParam());
  const std::uint64_t calls = calls_of_a_good_pass(scenario);
  ASSERT_GT(calls, 10u);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    SCOPED_TRACE(std::string(scenario.name) + ", call " + std::to_string(call));
    World world;
    scenario.prepare(world);
    scenario.change(world);
    world.faults.at(call, fault);
    world.sync_or_die();
    world.faults.clear();
    const auto report = world.sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    ASSERT_EQ(difference(world), "");
    // What was changed at the source comes with the next pull, and moves the cursors.
    if (world.options.flags == sync::FlagMode::two_way) world.sync();
    world.restart_counts();
    world.sync();
    ASSERT_EQ(world.vault.writes, 0u);
    ASSERT_EQ(world.target.mutations, 0u);
  }
}

TEST_P(SweepTest, BrokenTwice) {
  const Scenario scenario = scenarios().at(std::get<0>(GetParam()));
  const Fault fault = std::get<1>(GetParam());
  const std::uint64_t calls = calls_of_a_good_pass(scenario);
  for (std::uint64_t call = 1; call <= calls; call += 3) {
    for (std::uint64_t second = 1; second <= calls; second += 5) {
      SCOPED_TRACE(std::string(scenario.name) + ", calls " + std::to_string(call) + " and " + std::to_string(second));
      World world;
      scenario.prepare(world);
      scenario.change(world);
      world.faults.at(call, fault);
      world.sync_or_die();
      world.faults.at(second, Fault::killed_after);
      world.sync_or_die();
      world.faults.clear();
      world.sync();
      ASSERT_EQ(difference(world), "");
    }
  }
}

std::string name_of(const ::testing::TestParamInfo<SweepTest::ParamType>& info) {
  static const char* const kFaults[] = {"None",    "CutBefore",    "CutAfter",   "CutUndone",
                                        "CutLate", "KilledBefore", "KilledAfter"};
  return std::string(scenarios().at(std::get<0>(info.param)).name) +
         kFaults[static_cast<std::size_t>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(Everything, SweepTest,
                         ::testing::Combine(::testing::Range<std::size_t>(0, scenarios().size()),
                                            ::testing::Values(Fault::cut_before, Fault::cut_after, Fault::cut_undone,
                                                              Fault::cut_late, Fault::killed_before,
                                                              Fault::killed_after)),
                         name_of);

}  // namespace
}  // namespace postern::testing
