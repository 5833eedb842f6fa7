// Vaults in the world must stay readable: every record of a vault that an earlier build wrote.

#include <gmock/gmock.h>

#include "core/crypto/sha256.h"
#include "storage/families.h"
#include "tests/unit/storage/golden.h"

namespace postern::storage {
namespace {

using Kind = HistoryRecord::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

const AccountId kAlice(1);
const MailboxId kInbox(1), kDrafts(2), kGone(3);
const TargetId kTarget(1);

Digest digest_of(const Bytes& octets) { return Digest(crypto::sha256(octets)); }

/// By the number of the format.
class GoldenVaultTest : public VaultTest, public testing::WithParamInterface<std::uint32_t> {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(POSTERN_GOLDEN) / ("format-" + std::to_string(GetParam())),
                          options().path, std::filesystem::copy_options::recursive);
    VaultOptions reading = options();
    reading.mode = VaultOptions::Mode::read_only;
    auto opened = Vault::open(reading);
    ASSERT_TRUE(opened) << opened.error().to_string();
    vault = *std::move(opened);
    account = kAlice;
  }
  std::vector<Entry> all(MailboxId mailbox, UidValidity generation) {
    return vault->entries(account, mailbox, generation, {1, UINT32_MAX}, 100).value();
  }
};

void expect_entry(const Entry& entry, const Entry& wanted) {
  EXPECT_EQ(entry.place, wanted.place);
  EXPECT_EQ(entry.digest, wanted.digest);
  EXPECT_EQ(entry.size, wanted.size);
  EXPECT_EQ(entry.internaldate, golden::kDate);
  EXPECT_EQ(entry.flags, wanted.flags);
  EXPECT_EQ(entry.modseq, wanted.modseq);
  EXPECT_EQ(entry.vanished, wanted.vanished);
  EXPECT_EQ(entry.changed, wanted.changed);
}

Entry wanted(MailboxId mailbox, UidValidity generation, std::uint32_t uid, const Bytes& body, FlagSet flags,
             std::uint64_t modseq, std::uint64_t changed, bool vanished = false) {
  return {{mailbox, generation, Uid(uid)},
          digest_of(body),
          body.size(),
          golden::kDate,
          std::move(flags),
          ModSeq(modseq),
          vanished,
          HistorySeq(changed)};
}

TEST_P(GoldenVaultTest, AccountsAndMailboxes) {
  EXPECT_EQ(vault->format_version(), GetParam());
  EXPECT_EQ(vault->id().size(), 32u);
  EXPECT_EQ(vault->find_account("alice").value(), kAlice);
  EXPECT_EQ(vault->find_account("bob").value(), AccountId(2));
  const auto mailboxes = vault->mailboxes(kAlice).value();
  ASSERT_EQ(mailboxes.size(), 3u);
  EXPECT_EQ(mailboxes[0].id, kInbox);
  EXPECT_EQ(mailboxes[0].name, golden::inbox().name);
  EXPECT_EQ(mailboxes[0].name.delimiter(), '/');
  EXPECT_EQ(mailboxes[0].attributes, golden::inbox().attributes);
  EXPECT_TRUE(mailboxes[0].subscribed);
  EXPECT_TRUE(mailboxes[0].selectable);
  EXPECT_EQ(mailboxes[0].uidvalidity, golden::kGeneration);
  EXPECT_EQ(mailboxes[0].cursor, golden::cursor());
  EXPECT_EQ(mailboxes[1].id, kDrafts);
  EXPECT_EQ(mailboxes[1].name.display(), "Drafts");
  EXPECT_FALSE(mailboxes[1].subscribed);
  EXPECT_EQ(mailboxes[1].uidvalidity, golden::kNextGeneration);
  EXPECT_FALSE(mailboxes[1].cursor);
  EXPECT_EQ(mailboxes[2].id, kGone);
  EXPECT_FALSE(mailboxes[2].present);
}

TEST_P(GoldenVaultTest, EntriesAndTheirMessages) {
  const auto inbox = all(kInbox, golden::kGeneration);
  ASSERT_EQ(inbox.size(), 4u);
  expect_entry(inbox[0],
               wanted(kInbox, golden::kGeneration, 1, golden::plain(), {"\\Seen", "\\Flagged", "$Work"}, 200, 7));
  expect_entry(inbox[1], wanted(kInbox, golden::kGeneration, 2, golden::incompressible(), {"\\Answered"}, 102, 4));
  expect_entry(inbox[2], wanted(kInbox, golden::kGeneration, 3, golden::large(), {}, 103, 5));
  expect_entry(inbox[3], wanted(kInbox, golden::kGeneration, 4, golden::plain(), {"\\Draft"}, 104, 8, true));
  const auto drafts = all(kDrafts, golden::kNextGeneration);
  ASSERT_EQ(drafts.size(), 1u);
  expect_entry(drafts[0], wanted(kDrafts, golden::kNextGeneration, 1, golden::tiny(), {}, 101, 13));
  for (const Bytes& body : {golden::plain(), golden::incompressible(), golden::large(), golden::tiny()}) {
    EXPECT_TRUE(read(digest_of(body)) == body) << body.size() << " octets";
  }
  const auto totals = vault->totals(kAlice).value();
  EXPECT_EQ(totals.entries, 4u);
  EXPECT_EQ(totals.octets,
            golden::plain().size() + golden::incompressible().size() + golden::large().size() + golden::tiny().size());
}

TEST_P(GoldenVaultTest, HistoryAndMoments) {
  const auto rows = vault->history(kAlice, HistorySeq(), 100).value();
  std::vector<Kind> kinds;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].seq, HistorySeq(i + 1));
    EXPECT_EQ(rows[i].at, i < 6 ? golden::kFirst : golden::kSecond);
    kinds.push_back(rows[i].kind);
  }
  ASSERT_THAT(kinds, ElementsAre(Kind::mailbox_created, Kind::new_generation, Kind::appended, Kind::appended,
                                 Kind::appended, Kind::appended, Kind::flags_changed, Kind::vanished,
                                 Kind::mailbox_created, Kind::mailbox_renamed, Kind::new_generation,
                                 Kind::new_generation, Kind::appended, Kind::mailbox_created, Kind::mailbox_deleted));
  EXPECT_EQ(rows[2].digest, digest_of(golden::plain()));
  EXPECT_EQ(rows[2].flags, FlagSet({"\\Seen"}));
  EXPECT_EQ(rows[6].flags, FlagSet({"\\Seen", "\\Flagged", "$Work"}));
  EXPECT_EQ(rows[7].place, (Place{kInbox, golden::kGeneration, Uid(4)}));
  EXPECT_EQ(rows[8].name, "Entwürfe");
  EXPECT_EQ(rows[9].name, "Drafts");
  EXPECT_EQ(rows[11].place.uidvalidity, golden::kNextGeneration);
  EXPECT_EQ(rows[14].place.mailbox, kGone);

  const auto snapshots = vault->snapshots(kAlice).value();
  ASSERT_EQ(snapshots.size(), 2u);
  EXPECT_EQ(snapshots[0].at, golden::kFirst);
  EXPECT_EQ(snapshots[0].seq, HistorySeq(6));
  EXPECT_EQ(snapshots[0].entries, 4u);
  EXPECT_EQ(snapshots[1].at, golden::kSecond);
  EXPECT_EQ(snapshots[1].seq, HistorySeq(15));
  std::vector<FlagSet> then;
  ASSERT_TRUE(vault->for_each_entry_at(kAlice, kInbox, golden::kGeneration, HistorySeq(6), [&](const Entry& entry) {
    then.push_back(entry.flags);
    return true;
  }));
  EXPECT_THAT(then, ElementsAre(FlagSet({"\\Seen"}), FlagSet({"\\Answered"}), FlagSet(), FlagSet({"\\Draft"})));
  EXPECT_EQ(vault->mailboxes_at(kAlice, HistorySeq(6)).value().size(), 1u);
  EXPECT_EQ(vault->mailboxes_at(kAlice, HistorySeq(15)).value().size(), 2u);
}

TEST_P(GoldenVaultTest, TargetsQuarantineAndTheLastPass) {
  const auto targets = vault->targets(kAlice).value();
  ASSERT_EQ(targets.size(), 1u);
  EXPECT_EQ(targets[0].name, "new");
  EXPECT_EQ(targets[0].cursor, HistorySeq(6));
  const auto mailboxes = vault->target_mailboxes(kAlice, kTarget).value();
  ASSERT_EQ(mailboxes.size(), 1u);
  EXPECT_EQ(mailboxes[0].source, kInbox);
  EXPECT_EQ(mailboxes[0].name, golden::target_mailbox().name);
  EXPECT_EQ(mailboxes[0].uidvalidity, UidValidity(9));
  EXPECT_TRUE(mailboxes[0].adopted);
  const auto bindings = vault->all_bindings(kAlice, kTarget, kInbox, std::nullopt, 10).value();
  ASSERT_EQ(bindings.size(), GetParam() >= 3 ? 2u : 1u);
  EXPECT_EQ(bindings[0].place, golden::binding().place);
  EXPECT_EQ(bindings[0].target_uidvalidity, UidValidity(9));
  EXPECT_EQ(bindings[0].target_uid, Uid(12));
  EXPECT_EQ(bindings[0].agreed, golden::binding().agreed);
  EXPECT_EQ(bindings[0].verified, WallTime());
  const auto intents = vault->intents(kAlice, kTarget).value();
  ASSERT_EQ(intents.size(), 1u);
  EXPECT_EQ(intents[0].id, IntentId(1));
  EXPECT_EQ(intents[0].mailbox, kInbox);
  EXPECT_EQ(intents[0].target_uidvalidity, UidValidity(9));
  EXPECT_EQ(intents[0].target_uidnext, 13u);
  EXPECT_EQ(intents[0].at, golden::kSecond);
  ASSERT_EQ(intents[0].items.size(), 1u);
  EXPECT_EQ(intents[0].items[0].place, (Place{kInbox, golden::kGeneration, Uid(2)}));
  EXPECT_EQ(intents[0].items[0].digest, digest_of(golden::incompressible()));
  EXPECT_EQ(intents[0].items[0].size, 6'000u);
  EXPECT_EQ(intents[0].items[0].flags, FlagSet({"\\Answered"}));
  const auto quarantine = vault->quarantine(kAlice).value();
  ASSERT_EQ(quarantine.size(), 1u);
  EXPECT_EQ(quarantine[0].place, golden::quarantine().place);
  EXPECT_EQ(quarantine[0].stage, QuarantineRecord::Stage::append);
  EXPECT_EQ(quarantine[0].target, kTarget);
  EXPECT_EQ(quarantine[0].reason, golden::quarantine().reason);
  EXPECT_EQ(quarantine[0].attempts, 3u);
  EXPECT_EQ(quarantine[0].first, golden::kFirst);
  EXPECT_EQ(quarantine[0].next_try, golden::kSecond);
  EXPECT_EQ(vault->pass_summary(kAlice).value(), golden::pass());
}

TEST_P(GoldenVaultTest, ItIsSoundAndAWriterGoesOnWithIt) {
  expect_sound();
  reopen();
  EXPECT_EQ(vault->format_version(), kFormatVersion);
  expect_sound();
  Changes changes{kInbox, golden::kGeneration, {}, {}, {}, {}, {}};
  changes.appended.push_back(entry(10, golden::plain()));
  changes.appended.back().email_id = "M1";
  EXPECT_EQ(commit(std::move(changes)).bodies_reused, 1u);
  EXPECT_EQ(vault->held_by_email_id(kAlice, {"M1"}).value().at(0)->digest, digest_of(golden::plain()));
  expect_sound();
}

TEST_P(GoldenVaultTest, IdsThatServersGaveSinceFormat2) {
  const bool has_them = GetParam() >= 2;
  EXPECT_EQ(vault->mailboxes(kAlice).value().at(0).mailbox_id, has_them ? golden::kMailboxId : "");
  EXPECT_EQ(vault->mailboxes(kAlice).value().at(1).mailbox_id, "");
  const auto held =
      vault->held_by_email_id(kAlice, {std::string(golden::kLargeId), "M0", std::string(golden::kPlainId)}).value();
  ASSERT_EQ(held.size(), 3u);
  ASSERT_EQ(held[0].has_value(), has_them);
  ASSERT_EQ(held[2].has_value(), has_them);
  EXPECT_FALSE(held[1]);
  if (!has_them) return;
  EXPECT_EQ(*held[0], (HeldBody{digest_of(golden::large()), golden::large().size()}));
  EXPECT_EQ(*held[2], (HeldBody{digest_of(golden::plain()), golden::plain().size()}));
}

TEST_P(GoldenVaultTest, DeletionsAndStoreIntentsSinceFormat3) {
  const bool has_them = GetParam() >= 3;
  EXPECT_EQ(vault->origin(kAlice).value(), has_them ? golden::kOrigin : "");
  EXPECT_EQ(vault->origin(AccountId(2)).value(), "");
  const auto holds = vault->guard_holds(kAlice, kTarget).value();
  const auto intents = vault->store_intents(kAlice, kTarget).value();
  std::vector<AuditRecord> audit;
  ASSERT_TRUE(vault->for_each_audit(kAlice, [&](std::uint64_t seq, const AuditRecord& row) {
    EXPECT_EQ(seq, audit.size() + 1);
    audit.push_back(row);
    return true;
  }));
  ASSERT_EQ(holds.size(), has_them ? 1u : 0u);
  ASSERT_EQ(intents.size(), has_them ? 1u : 0u);
  ASSERT_EQ(audit.size(), has_them ? 2u : 0u);
  if (!has_them) return;
  EXPECT_EQ(holds[0].mailbox, kDrafts);
  EXPECT_EQ(holds[0].target, kTarget);
  EXPECT_EQ(holds[0].reason, GuardHold::Reason::emptied);
  EXPECT_EQ(holds[0].uidvalidity, golden::kNextGeneration);
  EXPECT_EQ(holds[0].uids, (UidSet{1, 3, 4}));
  EXPECT_EQ(holds[0].of, 6u);
  EXPECT_EQ(holds[0].since, golden::kSecond);
  EXPECT_TRUE(holds[0].acknowledged);
  EXPECT_EQ(holds[0].detail, golden::hold().detail);
  EXPECT_EQ(intents[0].id, IntentId(1));
  EXPECT_EQ(intents[0].mailbox, kInbox);
  EXPECT_EQ(intents[0].uidvalidity, UidValidity(9));
  EXPECT_EQ(intents[0].since, ModSeq(0));
  EXPECT_FALSE(intents[0].at_source);
  EXPECT_EQ(intents[0].delta, golden::store_intent().delta);
  EXPECT_EQ(intents[0].uids, (UidSet{3, 4, 5, 9}));
  EXPECT_EQ(intents[0].at, golden::kSecond);
  const auto wanted = golden::audit(digest_of(golden::plain()));
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(audit[i].at, wanted[i].at);
    EXPECT_EQ(audit[i].action, wanted[i].action);
    EXPECT_EQ(audit[i].target, wanted[i].target);
    EXPECT_EQ(audit[i].place, wanted[i].place);
    EXPECT_EQ(audit[i].digest, wanted[i].digest);
    EXPECT_EQ(audit[i].mailbox, wanted[i].mailbox);
    EXPECT_EQ(audit[i].uidvalidity, wanted[i].uidvalidity);
    EXPECT_EQ(audit[i].uid, wanted[i].uid);
  }
  const auto bindings = vault->all_bindings(kAlice, kTarget, kInbox, std::nullopt, 10).value();
  EXPECT_EQ(bindings.at(1).place, golden::verified_binding().place);
  EXPECT_EQ(bindings.at(1).verified, golden::kSecond);
}

/// What came with format 4.
class GoldenCutsTest : public GoldenVaultTest {};

TEST_P(GoldenCutsTest, AMessageWithAFile) {
  EXPECT_EQ(read(digest_of(golden::with_file())), golden::with_file());
  EXPECT_EQ(vault->check({}).value().objects, 5u);
  // The body of plain(), two pieces of large(), and one chunk that is the file here and a whole message in INBOX.
  EXPECT_EQ(vault->check({}).value().chunks, 4u);
  expect_sound();
}

INSTANTIATE_TEST_SUITE_P(Formats, GoldenVaultTest, testing::Values(1u, 2u, 3u, 4u, 5u));
INSTANTIATE_TEST_SUITE_P(Formats, GoldenCutsTest, testing::Values(4u, 5u));

}  // namespace
}  // namespace postern::storage
