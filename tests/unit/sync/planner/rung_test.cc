#include "core/sync/planner/rung.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

SourceCursor cursor(std::uint64_t modseq) {
  SourceCursor cursor;
  cursor.uidvalidity = UidValidity(7);
  cursor.uidnext = 11;
  cursor.messages = 10;
  cursor.highestmodseq = ModSeq(modseq);
  return cursor;
}

MailboxStatus stated(std::uint64_t modseq, std::uint32_t uidnext = 11, std::uint32_t messages = 10) {
  return {UidValidity(7), uidnext, messages, ModSeq(modseq)};
}

TEST(Rung, WithModSequences) {
  EXPECT_EQ(choose_rung({cursor(50), stated(60), true, true}), Rung::qresync);
  EXPECT_EQ(choose_rung({cursor(50), stated(60), true, false}), Rung::condstore);
  EXPECT_EQ(choose_rung({cursor(50), stated(50), true, false}), Rung::condstore);
  EXPECT_EQ(choose_rung({cursor(50), stated(60), false, false}), Rung::enumerate);
  EXPECT_EQ(choose_rung({cursor(50), stated(49), true, true}), Rung::enumerate) << "HIGHESTMODSEQ went back";
  EXPECT_EQ(choose_rung({cursor(50), stated(0), true, true}), Rung::enumerate) << "NOMODSEQ";
  EXPECT_EQ(choose_rung({cursor(0), stated(60), true, true}), Rung::enumerate) << "mod-sequences that are new";
  EXPECT_EQ(choose_rung({std::nullopt, stated(60), true, true}), Rung::enumerate);
}

TEST(Rung, WithoutModSequencesTheCountsDecideUntilTheSweepIsDue) {
  EXPECT_EQ(choose_rung({cursor(0), stated(0)}), Rung::uidnext);
  EXPECT_EQ(choose_rung({cursor(0), stated(0, 14, 13)}), Rung::uidnext) << "three came";
  EXPECT_EQ(choose_rung({cursor(0), stated(0, 11, 9)}), Rung::enumerate) << "one went";
  EXPECT_EQ(choose_rung({cursor(0), stated(0, 12, 10)}), Rung::enumerate) << "one came, one went";
  EXPECT_EQ(choose_rung({cursor(0), stated(0, 14, 12)}), Rung::enumerate) << "UIDs were skipped, or one went";
  EXPECT_EQ(choose_rung({cursor(0), stated(0, 0, 10)}), Rung::enumerate) << "no UIDNEXT";
  EXPECT_EQ(choose_rung({cursor(0), {UidValidity(7), 11, std::nullopt, ModSeq()}}), Rung::enumerate);
  EXPECT_EQ(choose_rung({.cursor = cursor(0), .stated = stated(0), .sweep_due = true}), Rung::enumerate);
}

TEST(Rung, FlagsAreSweptUnlessAModSequenceOrTheClockVouchesForThem) {
  EXPECT_FALSE(sweeps_flags({cursor(0), stated(0, 11, 9)}));
  EXPECT_TRUE(sweeps_flags({.cursor = cursor(0), .stated = stated(0), .sweep_due = true}));
  EXPECT_TRUE(sweeps_flags({cursor(50), stated(49), true})) << "HIGHESTMODSEQ went back";
  EXPECT_TRUE(sweeps_flags({cursor(50), stated(0), true})) << "NOMODSEQ";
  EXPECT_TRUE(sweeps_flags({cursor(0), stated(60), true})) << "what changed before the first mod-sequence";
  EXPECT_TRUE(sweeps_flags({std::nullopt, stated(0)}));
}

TEST(Rung, OnlyArrivalsIsProvedByTheCounts) {
  EXPECT_TRUE(only_arrivals(cursor(0), stated(0)));
  EXPECT_TRUE(only_arrivals(cursor(0), stated(0, 15, 14)));
  EXPECT_FALSE(only_arrivals(cursor(0), stated(0, 15, 13)));
  EXPECT_FALSE(only_arrivals(cursor(0), stated(0, 10, 9))) << "UIDNEXT went back";
  SourceCursor silent = cursor(0);
  silent.uidnext = 0;
  EXPECT_FALSE(only_arrivals(silent, stated(0)));
  SourceCursor full = cursor(0);
  full.messages = 0xffffffff;
  EXPECT_FALSE(only_arrivals(full, stated(0, 12, 0))) << "no wrapping round";
}

}  // namespace
}  // namespace postern::sync
