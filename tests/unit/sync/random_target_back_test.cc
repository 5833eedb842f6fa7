// Mail that leaves the source once it is copied, and a target that is restored from backups or has new UIDVALIDITYs, is
// full, or refuses for a while, with random faults and kills, from a seed: nothing is lost, nothing is doubled.

#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using sync::Deletes;

class RestoresLedger {
 public:
  explicit RestoresLedger(std::uint64_t seed) : random_(seed) {
    world.source.quirks.condstore = !one_in(4);
    world.source.quirks.qresync = world.source.quirks.condstore && one_in(2);
    world.target.quirks.uidplus = one_in(2);
    world.target.quirks.multiappend = one_in(2);
    world.target.quirks.move = one_in(2);
    world.target.quirks.wrong_appenduid = one_in(5);
    world.target.quirks.same_appenduid = one_in(5);
    world.options.seed = seed;
    world.options.connections = world.options.target_connections = 1 + seed % 2;
    world.options.delete_source = minutes(below(10));
    world.options.deletes = seed % 3 == 0 ? Deletes::keep : seed % 3 == 1 ? Deletes::mirror : Deletes::trash;
    if (one_in(3)) {
      world.options.maps = [](std::string_view name, char) {
        return name == "Work" ? std::optional<std::string>("INBOX") : std::nullopt;
      };
      world.options.merges = [](std::string_view, char) { return true; };
    }
    world.source.create("Work");
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (std::uint32_t i = below(6); i > 0; --i) come(one_in(2) ? "INBOX" : "Work");
      if (one_in(3)) back_up();
      if (one_in(4)) restore();
      if (one_in(8)) renumber();
      if (one_in(4)) trouble();
      disturb();
      world.sync_or_die();
      world.faults.clear();
      world.loop.advance(minutes(below(5)));
    }
    calm();
    come_to_each();
    for (int pass = 0; pass < 8; ++pass) {
      world.loop.advance(hours(24 * 9));
      world.sync();
    }
    check_end();
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return bound == 0 ? 0 : static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

  void come(std::string_view box) {
    FlagSet flags;
    for (const char* flag : {"\\Seen", "\\Flagged", "$Work"}) {
      if (one_in(3)) flags.insert(flag);
    }
    world.source.append(box, mail("m" + std::to_string(serial_++), std::string(below(40), 'x')), flags);
    ++came_;
  }
  /// A mailbox without work is not looked at.
  void come_to_each() {
    for (const char* box : {"INBOX", "Work"}) come(box);
  }
  void back_up() {
    for (const auto& [name, box] : world.target.boxes()) backups_[name].push_back(box);
  }
  void trouble() {
    Quirks& quirks = world.target.quirks;
    if (one_in(2)) {
      quirks.append_limit = one_in(2) ? std::optional<std::uint64_t>(70) : std::nullopt;
    } else if (one_in(2)) {
      quirks.quota = Quirks::Quota{.octets = 0, .messages = below(20) + 1, .stated = one_in(2)};
    } else {
      quirks.swallows = one_in(2);
    }
    world.options.selects = [out = one_in(4)](const MailboxName& name) { return !out || name.display() != "Work"; };
  }
  void calm() {
    world.target.quirks.append_limit.reset();
    world.target.quirks.quota.reset();
    world.target.quirks.swallows = false;
    world.options.selects = nullptr;
  }
  /// Until all that came is on the target: what is not there yet a backup has not lost.
  void settle() {
    calm();
    for (int pass = 0; pass < 3; ++pass) {
      world.sync();
      world.loop.advance(hours(24 * 9));
    }
  }
  /// Where others' mail has filled it up since, some UIDs are missing still.
  void restore() {
    settle();
    for (auto& [name, kept] : backups_) {
      if (kept.empty() || one_in(3) || !world.target.has(name)) continue;
      const ModelMailbox& earlier = kept[below(static_cast<std::uint32_t>(kept.size()))];
      ModelMailbox& box = world.target.box(name);
      if (earlier.uidnext >= box.uidnext) continue;
      const std::uint32_t room = box.uidnext - earlier.uidnext - 1;
      box = earlier;
      for (std::uint32_t i = below(std::min(room, 3u) + 1); i > 0; --i) {
        box.append(mail("foreign" + std::to_string(serial_)), {}, {1'700'000'000 + serial_, 0});
        ++serial_;
      }
      kept.clear();
    }
    come_to_each();
  }
  void renumber() {
    settle();
    for (const auto& [name, box] : world.target.boxes()) {
      if (one_in(2)) continue;
      world.target.box(name).uidvalidity = UidValidity(box.uidvalidity.value() + 50);
      backups_[name].clear();
    }
    come_to_each();
  }
  void disturb() {
    const std::uint32_t rarity = one_in(3) ? 0 : 15 + below(100);
    world.faults.choose([this, rarity](std::string_view) {
      if (rarity == 0 || !one_in(rarity)) return Fault::none;
      constexpr Fault kFaults[] = {Fault::cut_before, Fault::cut_after, Fault::killed_before, Fault::killed_after};
      return kFaults[below(4)];
    });
  }

  void check_end() {
    std::map<Digest, int> there, rows;
    for (const auto& [name, box] : world.target.boxes()) {
      for (const auto& [uid, message] : box.messages) {
        ++there[digest_of(message.octets)];
        EXPECT_FALSE(message.flags.contains("\\Deleted"));
      }
    }
    for (const AuditRecord& row : world.vault.audit)
      rows[row.digest] += row.action == AuditRecord::Action::source_expunged;
    ASSERT_EQ(world.vault.objects.size(), came_);
    for (const auto& [digest, octets] : world.vault.objects) {
      ASSERT_EQ(there[digest], 1) << octets;
      ASSERT_EQ(rows[digest], 1) << octets;
    }
    for (const auto& [name, box] : world.source.boxes()) EXPECT_TRUE(box.messages.empty()) << name;
    ASSERT_TRUE(world.vault.quarantine.empty());
    world.loop.advance(hours(25));
    world.sync();
    world.restart_counts();
    EXPECT_EQ(world.sync().state, sync::PassReport::State::ok);
    ASSERT_EQ(world.vault.writes + world.target.mutations, 0u);
  }

  World world;
  std::mt19937_64 random_;
  int serial_ = 0;
  std::size_t came_ = 0;
  std::map<std::string, std::vector<ModelMailbox>> backups_;
};

class RandomTargetBackTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomTargetBackTest, LosesAndDoublesNothing) {
  for (std::uint64_t seed = GetParam() * 50; seed < GetParam() * 50 + 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RestoresLedger(seed).run(12);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTargetBackTest, ::testing::Range<std::uint64_t>(0, 6));

}  // namespace
}  // namespace postern::testing
