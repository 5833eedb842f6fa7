#include "core/sync/planner/rung.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

TEST(Rung, Table) {
  SourceCursor with, without;
  with.highestmodseq = ModSeq(50);
  EXPECT_EQ(choose_rung({with, ModSeq(60), true, true}), Rung::qresync);
  EXPECT_EQ(choose_rung({with, ModSeq(60), true, false}), Rung::condstore);
  EXPECT_EQ(choose_rung({with, ModSeq(50), true, false}), Rung::condstore);
  EXPECT_EQ(choose_rung({with, ModSeq(60), false, false}), Rung::enumerate);
  EXPECT_EQ(choose_rung({with, ModSeq(49), true, true}), Rung::enumerate) << "HIGHESTMODSEQ went back";
  EXPECT_EQ(choose_rung({with, ModSeq(0), true, true}), Rung::enumerate) << "NOMODSEQ";
  EXPECT_EQ(choose_rung({without, ModSeq(60), true, true}), Rung::enumerate);
  EXPECT_EQ(choose_rung({std::nullopt, ModSeq(60), true, true}), Rung::enumerate);
}

}  // namespace
}  // namespace postern::sync
