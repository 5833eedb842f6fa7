#include <gmock/gmock.h>

#include <map>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

class VaultHistoryTest : public VaultTest {
 protected:
  SnapshotRecord snapshot() {
    const auto taken = vault->snapshot(account);
    EXPECT_TRUE(taken);
    EXPECT_TRUE(taken.value());
    return **taken;
  }
  /// "uid:flags" of a mailbox just after `seq`.
  std::vector<std::string> at(MailboxId box, HistorySeq seq) {
    std::vector<std::string> found;
    EXPECT_TRUE(vault->for_each_entry_at(account, box, kGeneration, seq, [&](const Entry& entry) {
      found.push_back(std::to_string(entry.place.uid.value()) + ":" + entry.flags.to_string());
      return true;
    }));
    return found;
  }
  void flag(MailboxId box, std::uint32_t uid, FlagSet flags) {
    Changes one = changes(box);
    one.flags = {{Uid(uid), std::move(flags), ModSeq()}};
    commit(std::move(one));
  }
  void vanish(MailboxId box, std::uint32_t uid) {
    Changes one = changes(box);
    one.vanished.add(Uid(uid));
    commit(std::move(one));
  }
};

TEST_F(VaultHistoryTest, ChangesOfGenerationAreCountedWithoutTheFirst) {
  const WallTime start = clock.wall();
  const auto hour = std::chrono::hours(1);
  const MailboxId inbox = mailbox();
  const MailboxId other = mailbox("Other");
  EXPECT_THAT(vault->generation_changes(account, inbox, start).value(), testing::IsEmpty());
  std::vector<WallTime> changed;
  for (const std::uint32_t generation : {8u, 9u, 10u}) {
    clock.at += hour;
    append(inbox, generation, message(1));
    ASSERT_TRUE(vault->new_generation(account, inbox, UidValidity(generation)));
    changed.push_back(clock.at);
    ASSERT_TRUE(vault->new_generation(account, other, UidValidity(generation)));
  }
  EXPECT_EQ(vault->generation_changes(account, inbox, start).value(), changed);
  reopen();
  EXPECT_THAT(vault->generation_changes(account, inbox, changed[1]).value(),
              testing::ElementsAre(changed[1], changed[2]));
  EXPECT_THAT(vault->generation_changes(account, inbox, changed[2] + hour).value(), testing::IsEmpty());
}

TEST_F(VaultHistoryTest, AMailboxIsShownAsItWasAtAnyMoment) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1));
  append(inbox, 2, message(2), {"\\Seen"});
  const HistorySeq first = snapshot().seq;
  flag(inbox, 1, {"\\Flagged"});
  vanish(inbox, 2);
  append(inbox, 3, message(3));
  const HistorySeq second = snapshot().seq;
  vanish(inbox, 1);
  append(inbox, 2, message(2), {"$Back"});
  const HistorySeq third = snapshot().seq;
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_THAT(at(inbox, HistorySeq(0)), testing::IsEmpty());
    EXPECT_THAT(at(inbox, first), testing::ElementsAre("1:", "2:\\Seen"));
    EXPECT_THAT(at(inbox, second), testing::ElementsAre("1:\\Flagged", "3:"));
    EXPECT_THAT(at(inbox, third), testing::ElementsAre("2:$Back", "3:"));
    reopen();
  }
}

TEST_F(VaultHistoryTest, AMomentIsTheFoldOfHistoryWhateverHappened) {
  const MailboxId inbox = mailbox();
  std::map<std::uint32_t, FlagSet> model;
  std::vector<std::pair<HistorySeq, std::vector<std::string>>> moments;
  std::uint32_t random = 7;
  for (int step = 0; step < 120; ++step) {
    random = random * 1'103'515'245u + 12'345u;
    const std::uint32_t uid = 1 + (random >> 16) % 12;
    const auto choice = (random >> 8) % 4;
    if (choice < 2 && !model.contains(uid)) {
      append(inbox, uid, message(static_cast<int>(uid)));
      model[uid] = {};
    } else if (choice == 2 && model.contains(uid)) {
      flag(inbox, uid, step % 2 == 0 ? FlagSet{"\\Seen"} : FlagSet{"\\Flagged"});
      model[uid] = step % 2 == 0 ? FlagSet{"\\Seen"} : FlagSet{"\\Flagged"};
    } else if (choice == 3) {
      vanish(inbox, uid);
      model.erase(uid);
    }
    if (step % 10 != 9) continue;
    std::vector<std::string> now;
    for (const auto& [key, flags] : model) now.push_back(std::to_string(key) + ":" + flags.to_string());
    moments.emplace_back(vault->history_end(account).value(), now);
  }
  for (const auto& [seq, expected] : moments) EXPECT_EQ(at(inbox, seq), expected) << "at " << seq.value();
  expect_sound();
}

TEST_F(VaultHistoryTest, MailboxesAreShownAsTheyWereToo) {
  const MailboxId inbox = mailbox();
  const MailboxId work = mailbox("Work");
  const HistorySeq first = vault->history_end(account).value();
  MailboxRecord renamed = vault->mailboxes(account).value().at(1);
  renamed.name = *MailboxName::from_utf8("Arbeit", '/');
  ASSERT_TRUE(vault->put_mailbox(account, renamed));
  ASSERT_TRUE(vault->new_generation(account, work, UidValidity(8)));
  const HistorySeq second = vault->history_end(account).value();
  renamed.present = false;
  ASSERT_TRUE(vault->put_mailbox(account, renamed));
  const auto then = vault->mailboxes_at(account, first).value();
  ASSERT_EQ(then.size(), 2u);
  EXPECT_EQ(then[1].name.display(), "Work");
  EXPECT_EQ(then[1].uidvalidity, kGeneration);
  const auto later = vault->mailboxes_at(account, second).value();
  ASSERT_EQ(later.size(), 2u);
  EXPECT_EQ(later[1].name.display(), "Arbeit");
  EXPECT_EQ(later[1].uidvalidity, UidValidity(8));
  const auto now = vault->mailboxes_at(account, vault->history_end(account).value()).value();
  ASSERT_EQ(now.size(), 1u);
  EXPECT_EQ(now[0].id, inbox);
  EXPECT_TRUE(vault->mailboxes_at(account, HistorySeq()).value().empty());
}

TEST_F(VaultHistoryTest, SnapshotsAreTakenWhenSomethingChangedAndFoundByTime) {
  EXPECT_FALSE(vault->snapshot(account).value());
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1));
  const SnapshotRecord first = snapshot();
  EXPECT_EQ(first.entries, 1u);
  EXPECT_EQ(first.octets, message(1).size());
  EXPECT_FALSE(vault->snapshot(account).value());
  append(inbox, 2, message(2));
  clock.at -= std::chrono::hours(24 * 365);  // the clock was set back
  const SnapshotRecord second = snapshot();
  EXPECT_GT(second.at, first.at);
  EXPECT_EQ(vault->snapshots(account).value().size(), 2u);
  EXPECT_EQ(vault->snapshot_at(account, first.at).value()->seq, first.seq);
  EXPECT_EQ(vault->snapshot_at(account, second.at + std::chrono::hours(1)).value()->seq, second.seq);
  EXPECT_FALSE(vault->snapshot_at(account, first.at - std::chrono::milliseconds(1)).value());
}

TEST_F(VaultHistoryTest, HistoryIsReadInPages) {
  const MailboxId inbox = mailbox();
  for (std::uint32_t uid = 1; uid <= 5; ++uid) append(inbox, uid, message(1));
  const auto page = vault->history(account, HistorySeq(3), 2).value();
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(page[0].seq, HistorySeq(4));
  EXPECT_EQ(page[1].seq, HistorySeq(5));
  EXPECT_TRUE(vault->history(account, HistorySeq(7), 10).value().empty());
  EXPECT_TRUE(vault->history(AccountId(99), HistorySeq(), 10).value().empty());
}

}  // namespace
}  // namespace postern::storage
