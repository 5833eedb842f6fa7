// flags: two_way under random changes on both sides, also in the middle of passes, random faults and kills, from a
// seed: each flag ends as the person wanted it who changed it last, on both sides, and then nothing happens any more.
// So with two mailboxes of the source that go to one of the target and hold the same messages.

#include <random>
#include <set>

#include "tests/unit/sync/merge_fixture.h"

namespace postern::testing {
namespace {

constexpr std::uint32_t kMessages = 12;

enum class Mailboxes : std::uint8_t { apart, merged };

class BothSides {
 public:
  BothSides(std::uint64_t seed, Mailboxes mailboxes)
      : merged_(mailboxes == Mailboxes::merged),
        boxes_(merged_ ? std::vector<std::string>{"Lists/a", "Lists/b"} : std::vector<std::string>{"INBOX", "Work"}),
        random_(seed) {
    if (merged_) merge_lists(world);
    for (ModelServer* server : {&world.source, &world.target}) {
      server->quirks.condstore = !one_in(3);
      server->quirks.qresync = server->quirks.condstore && one_in(2);
    }
    world.source.quirks.no_status = one_in(3);
    world.options.flags = sync::FlagMode::two_way;
    world.options.flag_sweep = std::chrono::seconds(0);
    world.options.seed = seed;
    world.options.target_connections = 1 + seed % 2;
    for (const std::string& box : boxes_) {
      if (!world.source.has(box)) world.source.create(box);
      for (std::uint32_t i = 0; i < kMessages; ++i) arrive(box);
    }
    world.sync();
    world.sync();
    find_on_target();
  }

  void run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      changed_.clear();
      if (merged_ && one_in(2)) arrive(boxes_[below(2)]);
      for (std::uint32_t i = below(12); i > 0; --i) change();
      disturb();
      world.sync_or_die();
      world.faults.clear();
      for (std::uint32_t i = below(4); i > 0; --i) change();
      for (int pass = 0; pass < 3; ++pass) world.sync();
      find_on_target();
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

  void arrive(const std::string& box) {
    const std::string subject = (merged_ ? "m" : box) + std::to_string(world.source.box(box).messages.size());
    world.source.append(box, mail(subject));
  }
  /// Which message of the target is whose: no two have one.
  void find_on_target() {
    std::set<std::pair<std::string, Uid>> theirs;
    const VaultState::TargetState& target = world.vault.targets.begin()->second;
    for (const std::string& box : boxes_) {
      const MailboxRecord& source = *world.vault.mailbox(box);
      const std::string there = target.mailboxes.at(source.id).name.display();
      for (const auto& [uid, message] : world.source.box(box).messages) {
        const Uid bound = target.bindings.at({source.id, source.uidvalidity, uid}).target_uid;
        ASSERT_TRUE(theirs.emplace(there, bound).second);
        const auto [known, fresh] = on_target_.emplace(std::pair(box, uid), std::pair(there, bound));
        ASSERT_EQ(known->second, std::pair(there, bound)) << "it was another one";
        ASSERT_EQ(world.target.box(there).messages.at(bound).octets, message.octets);
      }
    }
    std::size_t all = 0;
    for (const auto& [name, box] : world.target.boxes()) all += box.messages.size();
    ASSERT_EQ(all, theirs.size());
  }
  ModelMessage& target_message(const std::string& box, Uid uid) {
    const auto& [there, bound] = on_target_.at({box, uid});
    return world.target.box(there).messages.at(bound);
  }

  /// Each flag once a round: by one person, whose word is the last one then.
  void change() {
    static const char* const kFlags[] = {"\\Seen", "\\Flagged", "$Work"};
    const std::string& box = boxes_[below(2)];
    const std::uint32_t uid = 1 + below(kMessages);
    const std::string flag = kFlags[below(3)];
    if (!changed_.emplace(box, uid, flag).second) return;
    const bool set = !wanted_[{box, uid}].contains(flag);
    const bool at_source = one_in(2);
    const auto [name, at] = at_source ? std::pair(box, Uid(uid)) : on_target_.at({box, Uid(uid)});
    ModelMailbox& there = (at_source ? world.source : world.target).box(name);
    FlagSet flags = there.messages.at(at).flags;
    for (FlagSet* one : {&flags, &wanted_[{box, uid}]}) set ? one->insert(flag) : one->erase(flag);
    there.store(at, flags);
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
    for (const std::string& box : boxes_) {
      for (const auto& [uid, message] : world.source.box(box).messages) {
        const FlagSet& wanted = wanted_[{box, uid.value()}];
        ASSERT_EQ(message.flags.to_string(), wanted.to_string()) << "source, " << box << " UID " << uid.value();
        ASSERT_EQ(target_message(box, uid).flags.to_string(), wanted.to_string())
            << "target, " << box << " UID " << uid.value();
      }
    }
    if (!merged_) ASSERT_EQ(difference(world), "");
  }

  World world;
  const bool merged_;
  const std::vector<std::string> boxes_;
  std::mt19937_64 random_;
  std::map<std::pair<std::string, Uid>, std::pair<std::string, Uid>> on_target_;  // by mailbox and UID at the source
  std::map<std::pair<std::string, std::uint32_t>, FlagSet> wanted_;
  std::set<Flag> changed_;
};

class TwoWayRandomTest : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  void run(Mailboxes mailboxes) {
    for (std::uint64_t seed = GetParam() * 100; seed < GetParam() * 100 + 100; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      BothSides(seed, mailboxes).run(10);
      if (HasFatalFailure()) return;
    }
  }
};

TEST_P(TwoWayRandomTest, EachFlagEndsAsItWasWantedLast) { run(Mailboxes::apart); }

TEST_P(TwoWayRandomTest, InAMailboxThatIsSharedToo) { run(Mailboxes::merged); }

INSTANTIATE_TEST_SUITE_P(Seeds, TwoWayRandomTest, ::testing::Range<std::uint64_t>(0, 5));

}  // namespace
}  // namespace postern::testing
