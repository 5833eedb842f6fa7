#include "core/io/stop_token.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace postern {
namespace {

TEST(StopToken, TheDefaultNeverStops) {
  const StopToken token;
  EXPECT_FALSE(token.stop_possible());
  EXPECT_FALSE(token.stop_requested());
}

TEST(StopToken, RunsCallbacksOldestFirstAndOnce) {
  StopSource source;
  std::string order;
  const StopCallback first(source.token(), [&] { order += "a"; });
  const StopCallback second(source.token(), [&] { order += "b"; });
  source.request_stop();
  source.request_stop();
  EXPECT_EQ(order, "ab");
  EXPECT_TRUE(source.token().stop_requested());
}

TEST(StopToken, ForgetsADestroyedCallback) {
  StopSource source;
  int calls = 0;
  {
    const StopCallback gone(source.token(), [&] { ++calls; });
  }
  source.request_stop();
  EXPECT_EQ(calls, 0);
}

TEST(StopToken, ACallbackMayDestroyItselfAndOthers) {
  StopSource source;
  std::string order;
  std::optional<StopCallback> first;
  std::optional<StopCallback> second;
  std::optional<StopCallback> third;
  first.emplace(source.token(), [&] {
    order += "a";
    first.reset();
    second.reset();
  });
  second.emplace(source.token(), [&] { order += "b"; });
  third.emplace(source.token(), [&] { order += "c"; });
  source.request_stop();
  EXPECT_EQ(order, "ac");
}

TEST(StopToken, ACallbackMadeAfterTheStopDoesNotRun) {
  StopSource source;
  source.request_stop();
  int calls = 0;
  const StopCallback late(source.token(), [&] { ++calls; });
  EXPECT_EQ(calls, 0);
}

TEST(StopToken, ACallbackMayOutliveTheSource) {
  auto source = std::make_unique<StopSource>();
  const StopCallback callback(source->token(), [] {});
  source.reset();
}

TEST(StopToken, AnInnerSourceStopsWithTheOuterButNotTheOtherWayRound) {
  StopSource outer;
  StopSource inner(outer.token());
  StopSource other(outer.token());
  inner.request_stop();
  EXPECT_FALSE(outer.stop_requested());
  EXPECT_FALSE(other.stop_requested());
  outer.request_stop();
  EXPECT_TRUE(other.stop_requested());
  EXPECT_TRUE(StopSource(outer.token()).stop_requested());
}

TEST(StopToken, AnInnerSourceMayDieFirst) {
  StopSource outer;
  { const StopSource inner(outer.token()); }
  outer.request_stop();
}

}  // namespace
}  // namespace postern
