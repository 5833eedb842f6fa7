#include "core/sync/planner/look.h"

#include <gtest/gtest.h>

#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'000'000'000)};

SourceCursor cursor(std::uint64_t modseq) {
  SourceCursor cursor;
  cursor.uidvalidity = UidValidity(7);
  cursor.uidnext = 11;
  cursor.messages = 10;
  cursor.highestmodseq = ModSeq(modseq);
  cursor.flags_swept = kNow - 10min;
  return cursor;
}

TEST(NeedsLook, OnlyWhenSomethingStatedDiffersOrIsSilent) {
  const MailboxStatus same{UidValidity(7), 11, 10, ModSeq(5)};
  EXPECT_FALSE(needs_look(cursor(5), same, kNow, 1min));
  EXPECT_TRUE(needs_look(std::nullopt, same, kNow, 1h));
  SourceCursor to_compare = cursor(5);
  to_compare.uidnext = kUidnextToCompare;
  MailboxStatus highest = same;
  highest.uidnext = kUidnextToCompare;
  EXPECT_TRUE(needs_look(to_compare, highest, kNow, 1h));
  MailboxStatus other = same;
  other.uidvalidity = UidValidity(8);
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
  other = same;
  other.uidnext = 12;
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
  other = same;
  other.messages = 9;
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
  other = same;
  other.highestmodseq = ModSeq(6);
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
  other = same;
  other.messages.reset();
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
  other = same;
  other.uidnext = 0;
  EXPECT_TRUE(needs_look(cursor(5), other, kNow, 1h));
}

TEST(NeedsLook, WithoutModSequencesOnceTheSweepIsDue) {
  const MailboxStatus same{UidValidity(7), 11, 10, ModSeq(0)};
  EXPECT_FALSE(needs_look(cursor(0), same, kNow, 1h));
  EXPECT_TRUE(needs_look(cursor(0), same, kNow, 10min));
  EXPECT_TRUE(needs_look(cursor(0), same, kNow - 24h, 1h)) << "the clock went back";
}

}  // namespace
}  // namespace postern::sync
