#include "core/sync/planner/history_fold.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using Kind = HistoryRecord::Kind;

class FoldTest : public ::testing::Test {
 protected:
  void row(Kind kind, std::uint32_t uidvalidity, std::uint32_t uid) {
    HistoryRecord record;
    record.seq = HistorySeq(++seq_);
    record.kind = kind;
    record.place = {MailboxId(1), UidValidity(uidvalidity), Uid(uid)};
    fold.add(record);
  }
  const MailboxWork& work() { return fold.work().at(MailboxId(1)); }

  HistoryFold fold;

 private:
  std::uint64_t seq_ = 0;
};

TEST_F(FoldTest, NamesWhatWasTouchedAndWhatVanished) {
  row(Kind::mailbox_created, 0, 0);
  row(Kind::new_generation, 7, 0);
  for (std::uint32_t uid = 1; uid <= 5; ++uid) row(Kind::appended, 7, uid);
  row(Kind::flags_changed, 7, 2);
  row(Kind::vanished, 7, 4);
  EXPECT_EQ(work().touched, (UidSet{1, 2, 3, 5}));
  EXPECT_EQ(work().vanished, (UidSet{4}));
  EXPECT_EQ(work().uidvalidity, UidValidity(7));
  EXPECT_EQ(fold.end(), HistorySeq(9));
}

TEST_F(FoldTest, ANewGenerationReplacesTheOld) {
  row(Kind::appended, 7, 1);
  row(Kind::new_generation, 8, 0);
  row(Kind::appended, 8, 9);
  EXPECT_TRUE(work().new_generation);
  EXPECT_EQ(work().touched, (UidSet{9}));
}

TEST_F(FoldTest, AMessageThatComesBackIsTouchedAgain) {
  row(Kind::vanished, 7, 1);
  row(Kind::appended, 7, 1);
  EXPECT_EQ(work().touched, (UidSet{1}));
  EXPECT_TRUE(work().vanished.empty());
}

}  // namespace
}  // namespace postern::sync
