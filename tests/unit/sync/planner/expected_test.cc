#include "core/sync/planner/expected.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

TEST(ExpectedMessages, BehindTheCursorWhereItStillCounts) {
  MailboxRecord record;
  const MailboxStatus stated{UidValidity(7), 120, 50, ModSeq(), {}};
  EXPECT_EQ(expected_messages(record, stated), 50U);
  record.cursor.emplace();
  record.cursor->uidvalidity = UidValidity(7);
  record.cursor->uidnext = 110;
  EXPECT_EQ(expected_messages(record, stated), 10U);
  record.cursor->uidnext = 1;
  EXPECT_EQ(expected_messages(record, stated), 50U) << "no more than there are";
  record.cursor->uidvalidity = UidValidity(6);
  record.cursor->uidnext = 110;
  EXPECT_EQ(expected_messages(record, stated), 50U) << "another generation";
}

}  // namespace
}  // namespace postern::sync
