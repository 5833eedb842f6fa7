// Mailboxes are put by name and by id, and there may be many.

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <array>
#include <thread>

#include "tests/support/faulty_disk/faulty_disk.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class VaultMailboxesTest : public VaultTest {
 protected:
  MailboxRecord named(std::string_view name) const {
    MailboxRecord record;
    record.name = *MailboxName::from_utf8(name, '/');
    return record;
  }
  MailboxRecord put(const MailboxRecord& record) {
    auto result = vault->put_mailbox(account, record);
    EXPECT_TRUE(result) << result.error().to_string();
    return result.value_or(MailboxRecord{});
  }
};

TEST_F(VaultMailboxesTest, ANameFindsItsMailboxBeforeAndAfterOpeningAgain) {
  const MailboxId inbox = put(named("INBOX")).id;
  const MailboxId work = put(named("Work")).id;
  EXPECT_NE(inbox, work);
  EXPECT_EQ(put(named("Work")).id, work);
  reopen();
  EXPECT_EQ(put(named("Work")).id, work);
  EXPECT_EQ(put(named("inbox")).id, inbox);
  EXPECT_GT(put(named("New")).id, work);
}

TEST_F(VaultMailboxesTest, ItsGenerationsAreThoseWithEntries) {
  const MailboxId other = mailbox("Before"), work = mailbox("Work"), next = mailbox("Next");
  for (const MailboxId id : {other, work, next}) append(id, 1, message(1));
  EXPECT_THAT(*vault->generations(account, work), ::testing::ElementsAre(kGeneration));
  for (const std::uint32_t value : {0xffffffffu, 3u, 70'000u}) {
    EXPECT_TRUE(vault->new_generation(account, work, UidValidity(value)));
    Changes more = changes(work);
    more.uidvalidity = UidValidity(value);
    more.appended.push_back(entry(9, message(2)));
    more.appended.push_back(entry(10, message(3)));
    commit(std::move(more));
  }
  EXPECT_THAT(*vault->generations(account, work),
              ::testing::ElementsAre(UidValidity(3), kGeneration, UidValidity(70'000), UidValidity(0xffffffff)));
  EXPECT_THAT(*vault->generations(account, put(named("Empty")).id), ::testing::IsEmpty());
}

TEST_F(VaultMailboxesTest, ARenameTakesTheNameAlong) {
  MailboxRecord work = put(named("Work"));
  work.name = named("Arbeit").name;
  EXPECT_EQ(put(work).id, work.id);
  EXPECT_EQ(put(named("Arbeit")).id, work.id);
  const MailboxId second = put(named("Work")).id;
  EXPECT_NE(second, work.id);
  reopen();
  EXPECT_EQ(put(named("Work")).id, second);
  EXPECT_EQ(put(named("Arbeit")).id, work.id);
}

TEST_F(VaultMailboxesTest, OfTwoThatHadOneNameTheLaterIsFound) {
  MailboxRecord first = put(named("A"));
  const MailboxId second = put(named("B")).id;
  first.name = named("B").name;
  put(first);
  EXPECT_EQ(put(named("B")).id, second);
  reopen();
  EXPECT_EQ(put(named("B")).id, second);
}

TEST_F(VaultMailboxesTest, OfTwoThatHadOneNameThePresentOneIsFound) {
  MailboxRecord first = put(named("A"));
  MailboxRecord second = put(named("B"));
  second.present = false;
  put(second);
  first.name = named("B").name;
  put(first);
  EXPECT_EQ(put(named("B")).id, first.id);
  reopen();
  EXPECT_EQ(put(named("B")).id, first.id);
}

TEST_F(VaultMailboxesTest, ARenameIsInTheHistoryAndKeepsEntriesCursorAndId) {
  MailboxRecord work = named("Work");
  work.mailbox_id = "F1";
  work = put(work);
  ASSERT_TRUE(vault->new_generation(account, work.id, kGeneration));
  Changes one = changes(work.id);
  one.appended.push_back(entry(1, message(1)));
  one.cursor = SourceCursor{kGeneration, 2, 1, ModSeq(9), {}};
  commit(std::move(one));
  work.name = named("Arbeit").name;
  work.mailbox_id.clear();  // not stated this time
  const MailboxRecord renamed = put(work);
  EXPECT_EQ(renamed.id, work.id);
  EXPECT_EQ(renamed.mailbox_id, "F1");
  EXPECT_EQ(renamed.uidvalidity, kGeneration);
  ASSERT_TRUE(renamed.cursor);
  EXPECT_EQ(renamed.cursor->uidnext, 2u);
  EXPECT_EQ(entries(work.id).size(), 1u);
  const HistoryRecord last = vault->history(account, HistorySeq(3), 10).value().at(0);
  EXPECT_EQ(last.kind, HistoryRecord::Kind::mailbox_renamed);
  EXPECT_EQ(last.name, "Arbeit");
  reopen();
  const auto all = vault->mailboxes(account).value();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name.display(), "Arbeit");
  EXPECT_EQ(all[0].mailbox_id, "F1");
}

TEST_F(VaultMailboxesTest, AnotherMailboxIdIsWrittenWithoutNewsInTheHistory) {
  MailboxRecord work = put(named("Work"));
  const HistorySeq end = vault->history_end(account).value();
  work.mailbox_id = "F2";
  EXPECT_EQ(put(work).mailbox_id, "F2");
  EXPECT_EQ(vault->history_end(account).value(), end);
  reopen();
  EXPECT_EQ(vault->mailboxes(account).value().at(0).mailbox_id, "F2");
}

TEST_F(VaultMailboxesTest, AnUnknownIdIsRefused) {
  MailboxRecord record = named("A");
  record.id = MailboxId(99);
  EXPECT_EQ(vault->put_mailbox(account, record).error().kind(), ErrorKind::internal);
}

TEST_F(VaultMailboxesTest, WhatAFailedWriteLeftInMemoryIsForgotten) {
  FaultyDisk disk;
  VaultOptions faulty = options();
  faulty.env = disk.env();
  faulty.resume_interval = std::chrono::milliseconds(10);
  vault.reset();
  open(faulty);
  put(named("A"));
  disk.switches().full = true;
  EXPECT_EQ(vault->put_mailbox(account, named("B")).error().kind(), ErrorKind::store_full);
  disk.switches().full = false;
  while (vault->health().state != Health::State::ok) std::this_thread::yield();
  EXPECT_EQ(vault->mailboxes(account).value().size(), 1u);
  const MailboxId id = put(named("B")).id;
  EXPECT_EQ(put(named("B")).id, id);
  EXPECT_EQ(vault->mailboxes(account).value().size(), 2u);
  vault.reset();  // before its disk
}

TEST_F(VaultMailboxesTest, TwentyThousandTakeTimeInProportion) {
  FaultyDisk disk;
  disk.switches().no_sync = true;
  VaultOptions quick = options();
  quick.env = disk.env();
  vault.reset();
  open(quick);
  std::array<double, 4> quarters{};
  for (int i = 0; i < 20'000; ++i) {
    const double before = cpu_seconds();
    ASSERT_EQ(put(named("folder " + std::to_string(i))).id, MailboxId(static_cast<std::uint32_t>(i) + 1));
    quarters[static_cast<std::size_t>(i / 5'000)] += cpu_seconds() - before;
  }
  // Reading all mailboxes to put one would make the last quarter cost seven times the first.
  EXPECT_LT(quarters[3], 3 * quarters[0]) << quarters[0] << " " << quarters[1] << " " << quarters[2];
  vault.reset();  // before its disk
}

}  // namespace
}  // namespace postern::storage
