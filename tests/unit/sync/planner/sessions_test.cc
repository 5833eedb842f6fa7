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

TEST(MessagesToCome, BehindTheCursorWhereItStillCounts) {
  MailboxRecord record;
  MailboxStatus stated{UidValidity(7), 120, 50, ModSeq(), {}};
  EXPECT_EQ(messages_to_come(record, stated), 50U);
  record.cursor.emplace();
  record.cursor->uidvalidity = UidValidity(7);
  record.cursor->uidnext = 110;
  EXPECT_EQ(messages_to_come(record, stated), 10U);
  record.cursor->uidnext = 1;
  EXPECT_EQ(messages_to_come(record, stated), 50U) << "no more than there are";
  record.cursor->uidvalidity = UidValidity(6);
  record.cursor->uidnext = 110;
  EXPECT_EQ(messages_to_come(record, stated), 50U) << "another generation";
}

}  // namespace
}  // namespace postern::sync
