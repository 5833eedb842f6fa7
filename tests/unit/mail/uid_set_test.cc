#include "core/mail/uid_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>

namespace postern {
namespace {

constexpr std::uint32_t kLast = 4'294'967'295;

UidSet parsed(std::string_view text) {
  const auto set = UidSet::parse(text);
  EXPECT_TRUE(set) << text << ": " << (set ? "" : set.error().to_string());
  return set.value_or(UidSet());
}

TEST(UidSetTest, StartsEmpty) {
  const UidSet set;
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(set.to_string(), "");
  EXPECT_FALSE(set.contains(Uid(1)));
  EXPECT_TRUE(set.split(10).empty());
}

TEST(UidSetTest, ParsesAndPrintsCanonically) {
  const struct {
    std::string_view text, printed;
  } cases[] = {
      {"1", "1"},
      {"4294967295", "4294967295"},
      {"1,5:7,12:9", "1,5:7,9:12"},
      {"3,2,1", "1:3"},
      {"1:3,4:6", "1:6"},
      {"1:10,3:4", "1:10"},
      {"7:7", "7"},
      {"9,1:4,2:6,6", "1:6,9"},
      {"4294967294,4294967295", "4294967294:4294967295"},
      {"4294967295:1", "1:4294967295"},
      {"1:4294967295,1:4294967295,5", "1:4294967295"},
  };
  for (const auto& c : cases) EXPECT_EQ(parsed(c.text).to_string(), c.printed) << c.text;
}

TEST(UidSetTest, RefusesWhatTheGrammarDoesNotHave) {
  for (const std::string_view text : {"",    ",",     "1,",         ",1",          "1,,3",
                                      "1:",  ":1",    ":",          "1:2:3",       "*",
                                      "1:*", "*:*:*", "0",          "0:5",         "5:0",
                                      "01",  "-1",    "+1",         " 1",          "1 ",
                                      "1;2", "a",     "4294967296", "99999999999", "1:99999999999999999999",
                                      "0x1"}) {
    const auto set = UidSet::parse(text);
    ASSERT_FALSE(set) << text;
    EXPECT_EQ(set.error().kind(), ErrorKind::protocol);
  }
}

TEST(UidSetTest, RefusesNul) { EXPECT_FALSE(UidSet::parse(std::string_view("1\0002", 3))); }

TEST(UidSetTest, StarIsTheHighestUidWhereThereIsOne) {
  EXPECT_EQ(UidSet::parse("*", 9)->to_string(), "9");
  EXPECT_EQ(UidSet::parse("5:*", 9)->to_string(), "5:9");
  EXPECT_EQ(UidSet::parse("12:*", 9)->to_string(), "9:12");
  EXPECT_EQ(UidSet::parse("*:*", 9)->to_string(), "9");
  EXPECT_FALSE(UidSet::parse("*", 0));
}

TEST(UidSetTest, RefusesMorePartsThanAllowed) {
  EXPECT_TRUE(UidSet::parse("1,3,5", std::nullopt, 3));
  EXPECT_FALSE(UidSet::parse("1,3,5,7", std::nullopt, 3));
  EXPECT_FALSE(UidSet::parse("1,1,1,1", std::nullopt, 3));
}

TEST(UidSetTest, AHostileRangeCostsEightOctets) {
  UidSet set = parsed("1:4294967295");
  EXPECT_EQ(set.ranges().size(), 1u);
  EXPECT_EQ(set.size(), std::uint64_t{kLast});
  set.remove(Uid(7));
  EXPECT_EQ(set.to_string(), "1:6,8:4294967295");
  EXPECT_EQ(parsed("1:4294967295").without(set).to_string(), "7");
  EXPECT_EQ(set.united(UidSet{7}).to_string(), "1:4294967295");
  EXPECT_EQ(set.intersected(UidSet::range(5, 9)).to_string(), "5:6,8:9");
}

TEST(UidSetTest, ManyPartsInDescendingOrderStayCheap) {
  std::string text;
  for (std::uint32_t uid = 2'000'000; uid > 1'000'000; uid -= 2) text += std::to_string(uid) + ",";
  text.pop_back();
  const UidSet set = parsed(text);  // quadratic work would take minutes
  EXPECT_EQ(set.size(), 500'000u);
  EXPECT_EQ(set.min(), Uid(1'000'002));
  EXPECT_EQ(set.max(), Uid(2'000'000));
}

TEST(UidSetTest, VisitsTheLastUidAndStops) {
  std::vector<std::uint32_t> seen;
  UidSet::range(kLast - 2, kLast).for_each([&](Uid uid) { seen.push_back(uid.value()); });
  EXPECT_EQ(seen, (std::vector<std::uint32_t>{kLast - 2, kLast - 1, kLast}));
}

TEST(UidSetTest, ZeroNamesNoMessage) {
  UidSet set;
  set.add(Uid(0));
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(UidSet::range(0, 3).to_string(), "1:3");
  EXPECT_TRUE(UidSet::range(0, 0).empty());
  EXPECT_FALSE(UidSet::range(1, 3).contains(Uid(0)));
  EXPECT_EQ(UidSet::range(1, 3).from(Uid(0)).to_string(), "1:3");
  set = UidSet::range(1, 3);
  set.remove(Uid(0));
  EXPECT_EQ(set.to_string(), "1:3");
}

TEST(UidSetTest, AddingMergesWhatTouches) {
  const struct {
    UidRange range;
    std::string_view printed;
  } cases[] = {
      {{1, 1}, "1,10:20,30:40,50"},
      {{9, 9}, "9:20,30:40,50"},
      {{21, 29}, "10:40,50"},
      {{22, 28}, "10:20,22:28,30:40,50"},
      {{1, 100}, "1:100"},
      {{15, 35}, "10:40,50"},
      {{49, 49}, "10:20,30:40,49:50"},
      {{51, kLast}, "10:20,30:40,50:4294967295"},
      {{12, 13}, "10:20,30:40,50"},
      {{21, 21}, "10:21,30:40,50"},
      {{5, 4}, "10:20,30:40,50"},
      {{41, 49}, "10:20,30:50"},
  };
  for (const auto& c : cases) {
    UidSet set = parsed("10:20,30:40,50");
    set.add(c.range);
    EXPECT_EQ(set.to_string(), c.printed) << c.range.first << ':' << c.range.last;
  }
}

TEST(UidSetTest, RemovingCutsAtAnyPlace) {
  const struct {
    std::uint32_t uid;
    std::string_view printed;
  } cases[] = {{10, "11:13,20"}, {13, "10:12,20"}, {11, "10,12:13,20"},
               {20, "10:13"},    {15, "10:13,20"}, {kLast, "10:13,20"}};
  for (const auto& c : cases) {
    UidSet set = parsed("10:13,20");
    set.remove(Uid(c.uid));
    EXPECT_EQ(set.to_string(), c.printed) << c.uid;
  }
}

TEST(UidSetTest, FromCutsBelow) {
  const UidSet set = parsed("10:13,20,30:40");
  EXPECT_EQ(set.from(Uid(1)), set);
  EXPECT_EQ(set.from(Uid(12)).to_string(), "12:13,20,30:40");
  EXPECT_EQ(set.from(Uid(14)).to_string(), "20,30:40");
  EXPECT_EQ(set.from(Uid(40)).to_string(), "40");
  EXPECT_TRUE(set.from(Uid(41)).empty());
}

// ------------------------------------------------------------------------------------------------ split

TEST(UidSetTest, SplitsByCount) {
  const auto pieces = parsed("1:5,8,10:12").split(4);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(pieces[0].to_string(), "1:4");
  EXPECT_EQ(pieces[1].to_string(), "5,8,10:11");
  EXPECT_EQ(pieces[2].to_string(), "12");
}

TEST(UidSetTest, SplitsByPrintedSize) {
  const auto pieces = parsed("100,200,300,400").split(1000, 7);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].to_string(), "100,200");
  EXPECT_EQ(pieces[1].to_string(), "300,400");
}

TEST(UidSetTest, SplitAlwaysMovesOn) {
  EXPECT_EQ(parsed("1:3").split(0).size(), 3u);
  EXPECT_EQ(parsed("1:3").split(100, 0).size(), 3u);
  const auto whole = parsed("1:4294967295").split(kLast);
  ASSERT_EQ(whole.size(), 1u);
  const auto halves = parsed("1:4294967295").split(std::uint64_t{1} << 31);
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_EQ(halves[1].to_string(), "2147483649:4294967295");
}

// ------------------------------------------------------------------------------------------------ against std::set

using Model = std::set<std::uint32_t>;

struct Both {
  UidSet set;
  Model model;
};

Both random_both(std::mt19937& random) {
  Both both;
  const std::uint32_t base = random() % 3 == 0 ? kLast - 60 : 1;
  const unsigned steps = random() % 20;
  for (unsigned i = 0; i < steps; ++i) {
    const std::uint32_t first = base + random() % 55;
    const std::uint32_t last = first + std::min<std::uint32_t>(static_cast<std::uint32_t>(random() % 6), kLast - first);
    if (random() % 4 == 0) {
      both.set.remove(Uid(first));
      both.model.erase(first);
    } else {
      both.set.add(UidRange{first, last});
      for (std::uint64_t uid = first; uid <= last; ++uid) both.model.insert(static_cast<std::uint32_t>(uid));
    }
  }
  return both;
}

void expect_same(const UidSet& set, const Model& model) {
  Model seen;
  std::uint64_t before = 0;
  for (const UidRange& range : set.ranges()) {
    ASSERT_LE(range.first, range.last);
    ASSERT_GT(range.first, before == 0 ? 0 : before + 1) << "ranges touch: " << set.to_string();
    before = range.last;
  }
  set.for_each([&](Uid uid) { seen.insert(uid.value()); });
  ASSERT_EQ(seen, model) << set.to_string();
  ASSERT_EQ(set.size(), model.size());
}

TEST(UidSetTest, AgreesWithAPlainSet) {
  std::mt19937 random(20020822);
  for (int round = 0; round < 3'000; ++round) {
    const Both a = random_both(random);
    const Both b = random_both(random);
    expect_same(a.set, a.model);
    Model expected;
    std::set_union(a.model.begin(), a.model.end(), b.model.begin(), b.model.end(),
                   std::inserter(expected, expected.end()));
    expect_same(a.set.united(b.set), expected);
    expected.clear();
    std::set_intersection(a.model.begin(), a.model.end(), b.model.begin(), b.model.end(),
                          std::inserter(expected, expected.end()));
    expect_same(a.set.intersected(b.set), expected);
    expected.clear();
    std::set_difference(a.model.begin(), a.model.end(), b.model.begin(), b.model.end(),
                        std::inserter(expected, expected.end()));
    expect_same(a.set.without(b.set), expected);
    const std::uint32_t at = a.model.empty() ? 5 : *a.model.begin() + 10;
    expect_same(a.set.from(Uid(at)), Model(a.model.lower_bound(at), a.model.end()));
    for (std::uint32_t uid = at - 4; uid != at; ++uid) ASSERT_EQ(a.set.contains(Uid(uid)), a.model.contains(uid));
  }
}

TEST(UidSetTest, PrintingAndCollectingLoseNothing) {
  std::mt19937 random(7);
  for (int round = 0; round < 1'000; ++round) {
    const UidSet set = random_both(random).set;
    if (set.empty()) continue;
    ASSERT_EQ(parsed(set.to_string()), set);
    auto ranges = set.ranges();
    ranges.insert(ranges.end(), set.ranges().begin(), set.ranges().end());
    std::shuffle(ranges.begin(), ranges.end(), random);
    ASSERT_EQ(UidSet::collect(ranges), set);
  }
}

TEST(UidSetTest, PiecesMakeTheWholeWithinTheirLimits) {
  std::mt19937 random(8);
  for (int round = 0; round < 1'000; ++round) {
    const UidSet set = random_both(random).set;
    const std::uint64_t uids = 1 + random() % 12;
    const std::size_t octets = 10 + random() % 40;
    UidSet whole;
    std::uint64_t before = 0;
    for (const UidSet& piece : set.split(uids, octets)) {
      ASSERT_FALSE(piece.empty());
      ASSERT_LE(piece.size(), uids);
      ASSERT_LE(piece.to_string().size(), octets);
      ASSERT_GT(piece.min().value(), before);
      before = piece.max().value();
      whole = whole.united(piece);
    }
    ASSERT_EQ(whole, set);
  }
}

}  // namespace
}  // namespace postern
