// flags: two_way under random changes on both sides, also in the middle of passes, random faults and kills, from a
// seed: each flag ends as the person wanted it who changed it last, on both sides, and then nothing happens any more.

#include <random>
#include <set>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

constexpr std::uint32_t kMessages = 12;

class BothSides {
 public:
  explicit BothSides(std::uint64_t seed) : random_(seed) {
    for (ModelServer* server : {&world.source, &world.target}) {
      server->quirks.condstore = !one_in(3);
      server->quirks.qresync = server->quirks.condstore && one_in(2);
    }
    world.source.quirks.no_status = one_in(3);
    world.options.flags = sync::FlagMode::two_way;
    world.options.flag_sweep = std::chrono::seconds(0);
    world.options.seed = seed;
    world.options.target_connections = 1 + seed % 2;
    for (const char* box : {"INBOX", "Work"}) {
      if (!world.source.has(box)) world.source.create(box);
      for (std::uint32_t i = 0; i < kMessages; ++i) world.source.append(box, mail(box + std::to_string(i)));
    }
    world.sync();
    world.sync();
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      changed_.clear();
      for (std::uint32_t i = below(12); i > 0; --i) change();
      disturb();
      world.sync_or_die();
      world.faults.clear();
      for (std::uint32_t i = below(4); i > 0; --i) change();
      for (int pass = 0; pass < 3; ++pass) world.sync();
      check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    world.options.flag_sweep = std::chrono::hours(10);
    world.restart_counts();
    ASSERT_EQ(world.sync().state, sync::PassReport::State::ok);
    ASSERT_EQ(world.vault.writes, 0u);
    ASSERT_EQ(world.target.mutations + world.source.mutations, 0u);
    for (const auto& [id, target] : world.vault.targets) ASSERT_TRUE(target.store_intents.empty());
  }

 private:
  using Flag = std::tuple<std::string, std::uint32_t, std::string>;  // of a message of a mailbox

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  /// Each flag once a round: by one person, whose word is the last one then.
  void change() {
    static const char* const kFlags[] = {"\\Seen", "\\Flagged", "$Work"};
    const std::string box = one_in(2) ? "INBOX" : "Work";
    const std::uint32_t uid = 1 + below(kMessages);
    const std::string flag = kFlags[below(3)];
    if (!changed_.emplace(box, uid, flag).second) return;
    const bool set = !wanted_[{box, uid}].contains(flag);
    ModelMailbox& there = (one_in(2) ? world.source : world.target).box(box);
    FlagSet flags = there.messages.at(Uid(uid)).flags;
    for (FlagSet* one : {&flags, &wanted_[{box, uid}]}) set ? one->insert(flag) : one->erase(flag);
    there.store(Uid(uid), flags);
  }
  void disturb() {
    const std::uint32_t rarity = one_in(3) ? 0 : 10 + below(60);
    world.faults.choose([this, rarity](std::string_view call) {
      const bool ours = call.starts_with("writer.") || call.starts_with("target.") || call.starts_with("vault.");
      if (ours && one_in(10)) change();
      if (rarity == 0 || !one_in(rarity)) return Fault::none;
      static constexpr Fault kFaults[] = {Fault::cut_before, Fault::cut_after, Fault::killed_before,
                                          Fault::killed_after};
      return kFaults[below(4)];
    });
  }
  void check() {
    for (const char* box : {"INBOX", "Work"}) {
      for (std::uint32_t uid = 1; uid <= kMessages; ++uid) {
        const FlagSet& wanted = wanted_[{box, uid}];
        ASSERT_EQ(world.source.box(box).messages.at(Uid(uid)).flags.to_string(), wanted.to_string())
            << "source, " << box << " UID " << uid;
        ASSERT_EQ(world.target.box(box).messages.at(Uid(uid)).flags.to_string(), wanted.to_string())
            << "target, " << box << " UID " << uid;
      }
    }
    ASSERT_EQ(difference(world), "");
  }

  World world;
  std::mt19937_64 random_;
  std::map<std::pair<std::string, std::uint32_t>, FlagSet> wanted_;
  std::set<Flag> changed_;
};

class TwoWayRandomTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(TwoWayRandomTest, EachFlagEndsAsItWasWantedLast) {
  for (std::uint64_t seed = GetParam() * 100; seed < GetParam() * 100 + 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BothSides(seed).run(10);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TwoWayRandomTest, ::testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace postern::testing
