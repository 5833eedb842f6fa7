#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "tests/support/faulty_disk/faulty_disk.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using Kind = HistoryRecord::Kind;

class VaultCommitTest : public VaultTest {
 protected:
  std::vector<Kind> kinds() {
    std::vector<Kind> found;
    const auto rows = vault->history(account, HistorySeq(), 1'000);
    for (const HistoryRecord& row : rows.value()) found.push_back(row.kind);
    return found;
  }
};

TEST_F(VaultCommitTest, WhatIsCommittedIsReadBackAfterReopening) {
  const MailboxId inbox = mailbox();
  const Bytes body = message(1);
  const Digest digest = append(inbox, 5, body, {"\\Seen", "$Work"});
  reopen();
  const auto all = entries(inbox);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].place, (Place{inbox, kGeneration, Uid(5)}));
  EXPECT_EQ(all[0].digest, digest);
  EXPECT_EQ(all[0].size, body.size());
  EXPECT_EQ(all[0].flags, (FlagSet{"$work", "\\seen"}));
  EXPECT_EQ(all[0].internaldate, (InternalDate{1'000'005, 60}));
  EXPECT_FALSE(all[0].vanished);
  EXPECT_EQ(read(digest), body);
  EXPECT_THAT(kinds(), testing::ElementsAre(Kind::mailbox_created, Kind::new_generation, Kind::appended));
  expect_sound();
}

TEST_F(VaultCommitTest, AnEmptyMessageIsAMessage) {
  const MailboxId inbox = mailbox();
  const Digest digest = append(inbox, 1, "");
  EXPECT_EQ(read(digest), "");
  EXPECT_EQ(*vault->object_size(digest).value(), 0u);
  expect_sound();
}

TEST_F(VaultCommitTest, TwoMessagesWithOneBodyInOneCommitAreOneObject) {
  const MailboxId inbox = mailbox();
  Changes both = changes(inbox);
  both.appended.push_back(entry(1, message(1)));
  both.appended.push_back(entry(2, message(1)));
  const Committed committed = commit(std::move(both));
  EXPECT_EQ(committed.messages, 2u);
  EXPECT_EQ(committed.bodies_reused, 1u);
  EXPECT_EQ(vault->check({}).value().objects, 1u);
  const Committed later = [&] {
    Changes again = changes(inbox);
    again.appended.push_back(entry(3, message(1)));
    return commit(std::move(again));
  }();
  EXPECT_EQ(later.bodies_reused, 1u);
  expect_sound();
}

TEST_F(VaultCommitTest, CommittingTheSameAgainIsNoNews) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1), {"\\Seen"});
  const auto before = kinds();
  Changes again = changes(inbox);
  again.appended.push_back(entry(1, message(1), {"\\Seen"}));
  EXPECT_EQ(commit(std::move(again)).messages, 0u);
  EXPECT_EQ(kinds(), before);
  EXPECT_EQ(vault->totals(account).value().entries, 1u);
}

TEST_F(VaultCommitTest, AMessageThatCameBackIsAppendedAnew) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1));
  Changes gone = changes(inbox);
  gone.vanished.add(UidRange{1, UINT32_MAX});
  EXPECT_EQ(commit(std::move(gone)).vanished, 1u);
  EXPECT_TRUE(entries(inbox).at(0).vanished);
  EXPECT_TRUE(vault->known_uids(account, inbox, kGeneration).value().empty());
  append(inbox, 1, message(1));
  EXPECT_FALSE(entries(inbox).at(0).vanished);
  EXPECT_EQ(vault->totals(account).value(), (AccountTotals{1, message(1).size()}));
  expect_sound();
}

TEST_F(VaultCommitTest, AnotherBodyUnderAHeldUidReplacesIt) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1));
  const Digest second = append(inbox, 1, message(2));
  EXPECT_EQ(entries(inbox).at(0).digest, second);
  EXPECT_EQ(vault->totals(account).value().entries, 1u);
  expect_sound();
}

TEST_F(VaultCommitTest, FlagsChangeOnceAndUnknownUidsAreLetBe) {
  const MailboxId inbox = mailbox();
  append(inbox, 1, message(1));
  Changes flags = changes(inbox);
  flags.flags = {{Uid(1), {"\\Flagged"}, ModSeq(9)}, {Uid(2), {"\\Seen"}, ModSeq(9)}};
  EXPECT_EQ(commit(flags).flag_changes, 1u);
  EXPECT_EQ(commit(flags).flag_changes, 0u);
  EXPECT_EQ(entries(inbox).at(0).flags, (FlagSet{"\\Flagged"}));
  EXPECT_EQ(entries(inbox).at(0).modseq, ModSeq(9));
  EXPECT_EQ(kinds().back(), Kind::flags_changed);
  expect_sound();
}

TEST_F(VaultCommitTest, OneCommitMayAppendFlagAndVanishTheSameMessage) {
  const MailboxId inbox = mailbox();
  Changes all = changes(inbox);
  all.appended.push_back(entry(1, message(1)));
  all.appended.push_back(entry(2, message(2)));
  all.flags = {{Uid(1), {"\\Seen"}, ModSeq(3)}};
  all.vanished.add(Uid(2));
  const Committed committed = commit(std::move(all));
  EXPECT_EQ(committed.flag_changes, 1u);
  EXPECT_EQ(committed.vanished, 1u);
  EXPECT_TRUE(entries(inbox).at(1).vanished);
  expect_sound();
}

TEST_F(VaultCommitTest, ACommitAfterAnotherSeesItWithinOneGroup) {
  const MailboxId inbox = mailbox();
  std::vector<std::future<Result<Committed>>> results;
  const auto submit = [&](Changes one) {
    auto promise = std::make_shared<std::promise<Result<Committed>>>();
    results.push_back(promise->get_future());
    vault->commit(account, std::move(one), [promise](Result<Committed> r) { promise->set_value(std::move(r)); });
  };
  for (std::uint32_t uid = 1; uid <= 50; ++uid) {
    Changes add = changes(inbox);
    add.appended.push_back(entry(uid, message(static_cast<int>(uid))));
    submit(std::move(add));
    Changes flag = changes(inbox);
    flag.flags = {{Uid(uid), {"\\Seen"}, ModSeq(uid + 1)}};
    submit(std::move(flag));
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto committed = results[i].get();
    ASSERT_TRUE(committed);
    EXPECT_EQ(committed->messages, i % 2 == 0 ? 1u : 0u);
    EXPECT_EQ(committed->flag_changes, i % 2 == 0 ? 0u : 1u);
  }
  expect_sound();
}

// Servers answer the FETCH commands in flight side by side.
TEST_F(VaultCommitTest, CommitsWhoseUidsComeOutOfOrderShareASync) {
  FaultyDisk disk;
  vault.reset();
  VaultOptions counted = options();
  counted.env = disk.env();
  open(counted);
  const MailboxId inbox = mailbox();
  std::promise<void> writing, more_wait;
  Changes first = changes(inbox);
  first.appended.push_back(entry(400, message(400)));
  vault->commit(account, std::move(first), [&](const Result<Committed>&) {  // holds the committer
    writing.set_value();
    more_wait.get_future().wait();
  });
  writing.get_future().wait();
  std::vector<std::future<Result<Committed>>> results;
  for (const std::uint32_t uid : {800U, 401U, 1U, 801U, 402U, 2U, 399U}) {
    Changes one = changes(inbox);
    one.appended.push_back(entry(uid, message(static_cast<int>(uid))));
    auto promise = std::make_shared<std::promise<Result<Committed>>>();
    results.push_back(promise->get_future());
    vault->commit(account, std::move(one), [promise](Result<Committed> r) { promise->set_value(std::move(r)); });
  }
  const int before = disk.switches().syncs;
  more_wait.set_value();
  for (auto& result : results) EXPECT_EQ(result.get().value().messages, 1u);
  EXPECT_EQ(disk.switches().syncs - before, 1);
  EXPECT_EQ(entries(inbox).size(), 8u);
  expect_sound();
  vault.reset();  // before the disk
}

TEST_F(VaultCommitTest, MailboxesMadeSideBySideShareASync) {
  constexpr std::uint32_t kBoxes = 100;
  FaultyDisk disk;
  vault.reset();
  VaultOptions counted = options();
  counted.env = disk.env();
  open(counted);
  std::promise<void> writing, more_wait;
  vault->put_mailbox(account, {.name = MailboxName::from_wire("INBOX", '/', false)},
                     [&](const Result<MailboxRecord>&) {  // holds the committer
                       writing.set_value();
                       more_wait.get_future().wait();
                     });
  writing.get_future().wait();
  std::promise<void> done;
  std::vector<MailboxId> ids;
  int generations = 0;
  for (std::uint32_t i = 0; i < kBoxes; ++i) {
    MailboxRecord record{.name = MailboxName::from_wire("box" + std::to_string(i), '/', false)};
    vault->put_mailbox(account, std::move(record), [&](Result<MailboxRecord> put) { ids.push_back(put.value().id); });
    const MailboxId expected(i + 2);
    vault->new_generation(account, expected, kGeneration, [&](const Result<void>& started) {
      EXPECT_TRUE(started);
      if (++generations == kBoxes) done.set_value();
    });
  }
  const int before = disk.switches().syncs;
  more_wait.set_value();
  done.get_future().wait();
  EXPECT_EQ(disk.switches().syncs - before, 1);
  EXPECT_EQ(std::set<MailboxId>(ids.begin(), ids.end()).size(), kBoxes);
  const auto records = vault->mailboxes(account);
  for (const MailboxRecord& record : records.value()) {
    EXPECT_EQ(record.uidvalidity, record.name.wire() == "INBOX" ? UidValidity() : kGeneration);
  }
  expect_sound();
  vault.reset();  // before the disk
}

TEST_F(VaultCommitTest, WhatWasWrittenInAnyOrderIsSeenAgain) {
  const MailboxId inbox = mailbox();
  const auto bring = [&](FlagSet flags) {
    Changes all = changes(inbox);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
      const std::uint32_t uid = 2 * (i * 7 % 1'000) + 1;  // each a range of its own
      all.appended.push_back(entry(uid, message(static_cast<int>(uid), 80), flags));
    }
    return commit(std::move(all));
  };
  EXPECT_EQ(bring({}).messages, 1'000u);
  EXPECT_EQ(bring({}).messages, 0u);
  const Committed flagged = bring({"\\Seen"});
  EXPECT_EQ(flagged.messages, 0u);
  EXPECT_EQ(flagged.flag_changes, 1'000u);
  EXPECT_EQ(entries(inbox).size(), 1'000u);
  expect_sound();
}

TEST_F(VaultCommitTest, ManyThreadsCommitSideBySide) {
  std::vector<std::thread> threads;
  std::vector<MailboxId> boxes;
  for (int t = 0; t < 4; ++t) boxes.push_back(mailbox("box" + std::to_string(t)));
  std::atomic<int> failures = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint32_t uid = 1; uid <= 25; ++uid) {
        auto sealed = vault->seal(message(static_cast<int>(uid)));
        Changes one = changes(boxes[static_cast<std::size_t>(t)]);
        one.appended.push_back({Uid(uid), {}, {}, ModSeq(), *std::move(sealed)});
        if (!vault->commit(account, std::move(one))) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(vault->totals(account).value().entries, 100u);
  EXPECT_EQ(vault->check({}).value().objects, 25u);
  expect_sound();
}

TEST_F(VaultCommitTest, TheCursorMovesWithItsCommitAndFallsWithItsGeneration) {
  const MailboxId inbox = mailbox();
  Changes first = changes(inbox);
  first.appended.push_back(entry(1, message(1)));
  first.cursor = SourceCursor{kGeneration, 2, 1, ModSeq(77), {}};
  commit(first);
  EXPECT_EQ(vault->mailboxes(account).value().at(0).cursor, first.cursor);
  ASSERT_TRUE(vault->new_generation(account, inbox, UidValidity(8)));
  const MailboxRecord now = vault->mailboxes(account).value().at(0);
  EXPECT_EQ(now.uidvalidity, UidValidity(8));
  EXPECT_FALSE(now.cursor);
  EXPECT_EQ(entries(inbox).size(), 1u);
  expect_sound();
}

TEST_F(VaultCommitTest, ACommitToAnUnknownMailboxIsRefusedAndLeavesNothing) {
  Changes bad = changes(MailboxId(99));
  bad.appended.push_back(entry(1, message(1)));
  EXPECT_EQ(vault->commit(account, std::move(bad)).error().kind(), ErrorKind::internal);
  EXPECT_EQ(vault->check({}).value().objects, 0u);
  const MailboxId inbox = mailbox();
  EXPECT_EQ(append(inbox, 1, message(1)), append(inbox, 2, message(1)));
  expect_sound();
}

TEST_F(VaultCommitTest, MailboxesThatSwapNamesStayToldApart) {
  const MailboxId a = mailbox("a");
  const MailboxId b = mailbox("b");
  const auto rename = [&](MailboxId id, std::string_view name) {
    std::vector<MailboxRecord> records = vault->mailboxes(account).value();
    for (MailboxRecord& record : records) {
      if (record.id != id) continue;
      record.name = *MailboxName::from_utf8(name, '/');
      ASSERT_TRUE(vault->put_mailbox(account, record));
    }
  };
  rename(a, "b");  // for a moment both
  rename(b, "a");
  EXPECT_EQ(mailbox("b"), a);
  EXPECT_EQ(mailbox("a"), b);
  EXPECT_EQ(mailbox("c"), MailboxId(3));
  reopen();
  EXPECT_EQ(mailbox("b"), a);
  EXPECT_EQ(mailbox("d"), MailboxId(4));
}

TEST_F(VaultCommitTest, PutMailboxKeepsIdsAndTellsHistory) {
  const MailboxId inbox = mailbox();
  EXPECT_EQ(mailbox(), inbox);
  MailboxRecord record = vault->mailboxes(account).value().at(0);
  record.name = *MailboxName::from_utf8("Umzüge/Alt", '/');
  record.attributes = {"\\HasNoChildren"};
  EXPECT_EQ(vault->put_mailbox(account, record).value().id, inbox);
  record.present = false;
  ASSERT_TRUE(vault->put_mailbox(account, record));
  ASSERT_TRUE(vault->put_mailbox(account, record));
  EXPECT_THAT(kinds(), testing::ElementsAre(Kind::mailbox_created, Kind::new_generation, Kind::mailbox_renamed,
                                            Kind::mailbox_deleted));
  reopen();
  EXPECT_EQ(vault->mailboxes(account).value().at(0).name.display(), "Umzüge/Alt");
}

}  // namespace
}  // namespace postern::storage
