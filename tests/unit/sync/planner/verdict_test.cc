#include "core/sync/planner/verdict.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

TEST(Verdict, OfEachKind) {
  const std::pair<ErrorKind, Verdict> table[] = {
      {ErrorKind::transient, Verdict::reconnect},    {ErrorKind::throttle, Verdict::reconnect},
      {ErrorKind::protocol, Verdict::reconnect},     {ErrorKind::server_bug, Verdict::reconnect},
      {ErrorKind::busy, Verdict::skip_mailbox},      {ErrorKind::permission, Verdict::skip_mailbox},
      {ErrorKind::not_found, Verdict::skip_mailbox}, {ErrorKind::message, Verdict::skip_message},
      {ErrorKind::quota, Verdict::stop_side},        {ErrorKind::auth, Verdict::stop_side},
      {ErrorKind::security, Verdict::stop_side},     {ErrorKind::store, Verdict::stop_pass},
      {ErrorKind::store_full, Verdict::stop_pass},   {ErrorKind::internal, Verdict::stop_pass},
      {ErrorKind::cancelled, Verdict::stop_pass},
  };
  for (const auto& [kind, expected] : table) EXPECT_EQ(verdict(Error(kind, "x")), expected) << to_string(kind);
}

TEST(AskedWait, IsWithinASecondAndAnHour) {
  EXPECT_EQ(asked_wait(Error(ErrorKind::throttle, "x")), 60s);
  EXPECT_EQ(asked_wait(Error(ErrorKind::throttle, "x").retry_after(0ms)), 1s);
  EXPECT_EQ(asked_wait(Error(ErrorKind::throttle, "x").retry_after(5min)), 5min);
  EXPECT_EQ(asked_wait(Error(ErrorKind::throttle, "x").retry_after(999h)), 1h);
  EXPECT_EQ(asked_wait(Error(ErrorKind::transient, "x")), 0ms);
}

TEST(WorthSplitting, OnlyWhenFewerMessagesMayHelp) {
  EXPECT_TRUE(worth_splitting(Error(ErrorKind::message, "x")));
  EXPECT_TRUE(worth_splitting(Error(ErrorKind::server_bug, "x")));
  EXPECT_FALSE(worth_splitting(Error(ErrorKind::throttle, "x")));
  EXPECT_FALSE(worth_splitting(Error(ErrorKind::quota, "x")));
  EXPECT_FALSE(worth_splitting(Error(ErrorKind::permission, "x")));
}

}  // namespace
}  // namespace postern::sync
