// Random changes at a source whose deletions and moves the target follows, or whose mail leaves it once it is copied,
// with random faults and kills, from a seed: nothing is lost, nothing is doubled, what the guard holds stays.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::Deletes;

enum class Way : std::uint8_t { mirror, trash, clearing };

class DeletesLedger {
 public:
  explicit DeletesLedger(std::uint64_t seed) : random_(seed), way_(static_cast<Way>(seed % 3)) {
    world.source.quirks.condstore = !one_in(4);
    world.source.quirks.qresync = world.source.quirks.condstore && one_in(2);
    world.source.quirks.email_ids = one_in(2);
    world.target.quirks.uidplus = way_ != Way::clearing || one_in(2);  // without it deletions are only marked
    world.target.quirks.multiappend = one_in(2);
    world.target.quirks.move = way_ == Way::trash || one_in(2);  // without it a cut may leave a copy in the trash
    world.options.flag_sweep = std::chrono::seconds(0);
    world.options.seed = seed;
    world.options.connections = world.options.target_connections = 1 + seed % 2;
    if (way_ != Way::clearing) world.options.deletes = way_ == Way::mirror ? Deletes::mirror : Deletes::trash;
    if (way_ == Way::clearing) world.options.delete_source = std::chrono::minutes(below(10));
    for (const char* name : {"Work", "Archive"}) world.source.create(name);
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (std::uint32_t i = below(9); i > 0; --i) change();
      if (one_in(5)) move_some();
      if (one_in(10)) empty_one();
      disturb();
      world.sync_or_die();
      world.faults.clear();
      world.loop.advance(std::chrono::minutes(below(5)));
      check_always();
      if (::testing::Test::HasFatalFailure()) return;
    }
    rest();
    check_always();
    if (::testing::Test::HasFatalFailure()) return;
    let_through();
    rest();
    check_end();
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return bound == 0 ? 0 : static_cast<std::uint32_t>(random_() % bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  ModelMailbox& any_box() {
    auto it = world.source.boxes().begin();
    std::advance(it, below(static_cast<std::uint32_t>(world.source.boxes().size())));
    return it->second;
  }
  Uid any_uid(const ModelMailbox& box) {
    auto it = box.messages.begin();
    std::advance(it, below(static_cast<std::uint32_t>(box.messages.size())));
    return it->first;
  }
  FlagSet any_flags() {
    FlagSet flags;
    for (const char* flag : {"\\Seen", "\\Flagged", "$Work"}) {
      if (one_in(3)) flags.insert(flag);
    }
    return flags;
  }

  void change() {
    ModelMailbox& box = any_box();
    const std::uint32_t what = below(10);
    if (what < 6 || box.messages.empty()) {
      const Bytes octets = mail("m" + std::to_string(serial_++), std::string(below(40), 'x'));
      world.source.append(box.name.display(), octets, any_flags());
      ++ever_[box.name.display()][digest_of(octets)];
    } else if (what < 8) {
      box.store(any_uid(box), any_flags());
    } else {
      box.expunge(any_uid(box));
    }
  }
  void move_some() {
    ModelMailbox& from = any_box();
    ModelMailbox& to = any_box();
    if (&from == &to) return;
    for (std::uint32_t i = 1 + below(5); i > 0 && !from.messages.empty(); --i) {
      const Uid uid = any_uid(from);
      if (from.messages.at(uid).flags.contains("\\Deleted")) continue;  // on its way out, by our own mark
      ++ever_[to.name.display()][digest_of(from.messages.at(uid).octets)];
      world.source.move(from.name.display(), uid, to.name.display());
    }
  }
  /// More than a person deletes.
  void empty_one() {
    ModelMailbox& box = any_box();
    while (!box.messages.empty()) box.expunge(box.messages.begin()->first);
  }
  void disturb() {
    const std::uint32_t rarity = one_in(3) ? 0 : 15 + below(100);
    world.faults.choose([this, rarity](std::string_view call) {
      if ((call == "source.open" || call == "source.fetch" || call == "vault.commit") && one_in(25)) change();
      if (rarity == 0 || !one_in(rarity)) return Fault::none;
      return static_cast<Fault>(1 + below(6));
    });
  }
  /// Passes until all is quiet: the grace is over, and what was cleared has been seen to be gone.
  void rest() {
    for (int i = 0; i < 4; ++i) {
      world.loop.advance(std::chrono::minutes(11));
      world.sync();
    }
    world.loop.advance(std::chrono::hours(25));  // nothing is in doubt any more
    world.sync();
  }

  /// Digests on the target, and how often.
  std::map<Digest, int> on_target() const {
    std::map<Digest, int> copies;
    for (const auto& [name, box] : world.target.boxes()) {
      for (const auto& [uid, message] : box.messages) ++copies[digest_of(message.octets)];
    }
    return copies;
  }

  void check_always() {
    for (const auto& [place, entry] : world.vault.entries) {
      const auto object = world.vault.objects.find(entry.digest);
      ASSERT_NE(object, world.vault.objects.end());
      ASSERT_EQ(digest_of(object->second), entry.digest);
    }
    check_held();
    if (way_ == Way::mirror) return;
    // Nothing goes for good: what was ever brought to the target is there. And each thing that goes has its row.
    const auto there = on_target();
    std::set<Digest> bound;
    for (const auto& [id, state] : world.vault.targets) {
      for (const auto& [place, binding] : state.bindings) bound.insert(world.vault.entries.at(place).digest);
    }
    for (const Digest& digest : bound) ASSERT_TRUE(there.contains(digest)) << digest.to_hex();
    // Nothing is anywhere alone that is not durable: what left the source is in the vault.
    for (const AuditRecord& row : world.vault.audit) ASSERT_TRUE(world.vault.objects.contains(row.digest));
  }
  /// I8: the target still has what is held, unless it had gone before: a deletion that was allowed may have been
  /// carried out by a pass that was killed before it could say so.
  void check_held() {
    for (const auto& [id, state] : world.vault.targets) {
      for (const auto& [mailbox, hold] : state.holds) {
        hold.uids.for_each([&, &mailbox = mailbox, &hold = hold, &state = state](Uid uid) {
          const auto binding = state.bindings.find({mailbox, hold.uidvalidity, uid});
          if (binding == state.bindings.end()) return;
          const auto& there = world.target.box(state.mailboxes.at(mailbox).name.display()).messages;
          if (there.contains(binding->second.target_uid)) {
            held_.insert(binding->first);
          } else {
            EXPECT_FALSE(held_.contains(binding->first)) << "held, and gone: UID " << uid.value();
          }
        });
      }
    }
    ASSERT_FALSE(::testing::Test::HasFailure());
  }
  void let_through() {
    for (auto& [id, state] : world.vault.targets) {
      for (auto& [mailbox, hold] : state.holds) hold.acknowledged = true;
    }
  }
  /// I4. Where deletions are not followed, what was moved stays where it was, too; and what vanishes in one pass and
  /// comes in a later one lies in the trash, too.
  void check_once() {
    for (const auto& [name, box] : world.target.boxes()) {
      std::map<Digest, int> copies;
      for (const auto& [uid, message] : box.messages) ++copies[digest_of(message.octets)];
      if (name == "Trash") continue;
      for (const auto& [digest, count] : copies) ASSERT_LE(count, ever_[name][digest]) << "doubled in " << name;
    }
    if (way_ != Way::mirror) return;
    for (const auto& [digest, count] : on_target()) ASSERT_EQ(count, 1) << "doubled: " << digest.to_hex();
  }
  void check_end() {
    ASSERT_TRUE(world.vault.quarantine.empty());
    if (way_ != Way::clearing) ASSERT_EQ(difference(world), "");
    check_once();
    if (way_ == Way::clearing) {
      for (const auto& [name, box] : world.source.boxes()) EXPECT_TRUE(box.messages.empty()) << name;
    }
    world.options.flag_sweep = std::chrono::hours(10);
    world.restart_counts();
    world.sync();
    ASSERT_EQ(world.vault.writes, 0u);
    ASSERT_EQ(world.target.mutations, 0u);
  }

  World world;
  std::mt19937_64 random_;
  const Way way_;
  int serial_ = 0;
  std::set<Place> held_;                               // seen on the target when they were
  std::map<std::string, std::map<Digest, int>> ever_;  // how often each was put into a source mailbox
};

class RandomDeletesTest : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomDeletesTest, KeepsTheInvariants) {
  for (std::uint64_t seed = GetParam() * 100; seed < GetParam() * 100 + 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    DeletesLedger(seed).run(12);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomDeletesTest, ::testing::Range<std::uint64_t>(0, 10));

}  // namespace
}  // namespace postern::testing
