#include "core/sync/planner/sessions.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

TEST(SessionsWorth, AFurtherOneHasToPayForItsLogin) {
  EXPECT_EQ(sessions_worth({.mailboxes = 0, .messages = 0}, 4), 1U);
  EXPECT_EQ(sessions_worth({.mailboxes = 7, .messages = 999}, 4), 1U);
  EXPECT_EQ(sessions_worth({.mailboxes = 1, .messages = 1'000}, 4), 2U);
  EXPECT_EQ(sessions_worth({.mailboxes = 8, .messages = 0}, 4), 2U);
  EXPECT_EQ(sessions_worth({.mailboxes = 400, .messages = 10'000}, 4), 4U);
  EXPECT_EQ(sessions_worth({.mailboxes = 400, .messages = 10'000}, 1), 1U);
}

}  // namespace
}  // namespace postern::sync
