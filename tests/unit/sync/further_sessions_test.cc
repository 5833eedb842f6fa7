#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;

/// Forty mailboxes, worth several connections; some connections do not stand.
class FurtherSessions : public PassTest {
 protected:
  FurtherSessions() {
    with_target = false;
    for (int box = 0; box < 40; ++box) {
      const std::string name = "Box" + std::to_string(box);
      source.create(name);
      for (int i = 0; i < 3; ++i) source.append(name, mail(name + std::to_string(i)));
    }
    source.quirks.no_status = true;  // each is pulled by itself
  }
};

TEST_F(FurtherSessions, OneThatAlwaysBreaksIsDoneWithoutHoweverWellTheFirstGoesOn) {
  options.connections = 2;
  options.backoff_base = options.backoff_cap = std::chrono::seconds(0);  // it is back while the first is at work
  source.quirks.stable = 1;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("source.connect"), 3);
  expect_in_step();
}

TEST_F(FurtherSessions, HoweverManyAlwaysBreakNoMailboxIsLeftForIt) {
  options.connections = 6;
  options.backoff_base = options.backoff_cap = std::chrono::seconds(0);
  source.quirks.stable = 1;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_TRUE(report.problems.empty());
  expect_in_step();
}

TEST_F(FurtherSessions, OneThatBreaksAfterSomeWorkComesBackEachTime) {
  options.connections = 2;
  options.backoff_base = options.backoff_cap = std::chrono::seconds(0);
  faults.choose([this, bodies = 0](std::string_view call) mutable {
    return call == "source.body" && source.sessions == 2 && ++bodies % 11 == 10 ? Fault::cut_before : Fault::none;
  });
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_GE(faults.calls_of("source.connect"), 8);
  expect_in_step();
}

TEST_F(FurtherSessions, ARestartOfTheServerIsOneCutForEachOfThem) {
  options.connections = 4;
  faults.choose([this](std::string_view call) {
    if (call == "source.open" && faults.calls_of("source.open") == 4) ++source.restarts;
    const int connects = faults.calls_of("source.connect");
    return call == "source.connect" && connects > 4 && connects <= 9 ? Fault::cut_before : Fault::none;
  });
  const auto report = sync();
  EXPECT_EQ(source.most_sessions, 4);
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("source.connect"), 10) << "the server was away for five attempts";
  expect_in_step();
}

TEST_F(FurtherSessions, NobodyWaitsForOneWhenTheWorkIsDone) {
  options.connections = 2;
  options.backoff_base = options.backoff_cap = std::chrono::hours(10);
  source.quirks.stable = 1;
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_LT(report.took, std::chrono::seconds(1));
  expect_in_step();
}

class FirstOneBreaks : public FurtherSessions {
 protected:
  FirstOneBreaks() {
    options.connections = 2;
    options.backoff_base = options.backoff_cap = std::chrono::hours(10);
    faults.choose([this](std::string_view call) {
      const bool first = call == "source.open" && faults.calls_of("source.open") == 1;
      const bool third = call == "source.connect" && faults.calls_of("source.connect") >= 3;
      return first || third ? Fault::cut_before : Fault::none;
    });
  }
};

TEST_F(FirstOneBreaks, WhatTheOthersPulledMeanwhileNeedsNoNewConnection) {
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(faults.calls_of("source.connect"), 2);
  EXPECT_LT(report.took, std::chrono::seconds(1)) << "it waits no longer than there is work";
  expect_in_step();
}

TEST_F(FirstOneBreaks, AnAbortedPassIsNoSuccess) {
  source.quirks.stable = 0;
  EXPECT_EQ(sync().state, PassReport::State::failed);
}

}  // namespace
}  // namespace postern::testing
