// Which entries are read, and in how many trips to the vault.

#include "core/sync/engine/entry_reader.h"

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

class EntryReaderTest : public ::testing::Test {
 protected:
  void held(const UidSet& uids) {
    uids.for_each([&](Uid uid) {
      const Place place{MailboxId(1), UidValidity(7), uid};
      state.entries[place].place = place;
    });
  }
  UidSet read(UidSet uids) {
    state.entry_reads = 0;
    ModelVault vault(state, faults, loop);
    const auto entries = loop.run(sync::entries_of(vault, MailboxId(1), UidValidity(7), std::move(uids)));
    UidSet found;
    for (const Entry& entry : entries.value()) {
      EXPECT_TRUE(found.empty() || found.max() < entry.place.uid) << "ascending, each once";
      found.add(entry.place.uid);
    }
    return found;
  }
  static UidSet every(std::uint32_t step, std::uint32_t last) {
    UidSet uids;
    for (std::uint32_t uid = step; uid <= last; uid += step) uids.add(Uid(uid));
    return uids;
  }

  ManualLoop loop;
  Faults faults{loop};
  VaultState state;
};

TEST_F(EntryReaderTest, NothingIsWantedOrHeld) {
  EXPECT_TRUE(read({}).empty());
  EXPECT_TRUE(read({7, 9, 0xffffffff}).empty());
  EXPECT_EQ(state.entry_reads, 1u);
}

TEST_F(EntryReaderTest, WhatIsHeldOfTheWanted) {
  held({1, 2, 3, 5, 9, 0xffffffff});
  EXPECT_EQ(read({2, 4, 5, 8, 0xffffffff}), (UidSet{2, 5, 0xffffffff}));
  EXPECT_EQ(read({9}), UidSet{9});
  EXPECT_EQ(read(UidSet::range(1, 0xffffffff)), (UidSet{1, 2, 3, 5, 9, 0xffffffff}));
}

TEST_F(EntryReaderTest, GapsEverywhereCostNoTripEach) {
  held(UidSet::range(1, 40'000));
  EXPECT_EQ(read(every(2, 40'000)), every(2, 40'000));
  EXPECT_LE(state.entry_reads, 21u) << "40,000 entries by 2,000";
}

TEST_F(EntryReaderTest, GapsThatHoldNothingCostNothing) {
  held(every(1'000, 4'000'000));
  EXPECT_EQ(read(every(1'000, 2'000'000)), every(1'000, 2'000'000));
  EXPECT_EQ(state.entry_reads, 1u);
}

TEST_F(EntryReaderTest, AFewFarFromEachOtherAreReadWithoutAllBetween) {
  held(UidSet::range(1, 100'000));
  EXPECT_EQ(read(every(20'000, 100'000)), every(20'000, 100'000));
  EXPECT_LE(state.entry_reads, 5u);
  EXPECT_LE(state.entries_read, 5u * 80u);
}

TEST_F(EntryReaderTest, EveryPatternIsReadAsItIs) {
  held(every(3, 30'000));
  for (const std::uint32_t step : {1u, 2u, 6u, 7u, 48u, 51u, 600u, 9'999u}) {
    EXPECT_EQ(read(every(step, 30'000)), every(step, 30'000).intersected(every(3, 30'000))) << step;
    EXPECT_EQ(read(every(step, 90'000)), every(step, 30'000).intersected(every(3, 30'000))) << step;
  }
}

}  // namespace
}  // namespace postern::testing
