// Held deletions, what was deleted, intents to store flags, and where an account came from.

#include <gmock/gmock.h>

#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using testing::ElementsAre;

class VaultGuardTest : public VaultTest {
 protected:
  void SetUp() override {
    VaultTest::SetUp();
    inbox = mailbox();
    target = vault->target_id(account, "new").value();
  }
  GuardHold hold_of(MailboxId box, UidSet uids) const {
    GuardHold hold;
    hold.mailbox = box;
    hold.target = target;
    hold.uidvalidity = kGeneration;
    hold.uids = std::move(uids);
    hold.of = 40;
    hold.detail = "30 of 40 messages are gone";
    return hold;
  }
  void hold(std::vector<GuardHold> holds, std::vector<MailboxId> release = {}) {
    TargetChanges changes;
    changes.hold = std::move(holds);
    changes.release = std::move(release);
    ASSERT_TRUE(vault->commit_target(account, target, std::move(changes)));
  }
  std::vector<std::string> held() {
    std::vector<std::string> all;
    const auto holds = vault->guard_holds(account, target).value();
    for (const GuardHold& hold : holds) all.push_back(hold.uids.to_string());
    return all;
  }
  std::vector<Uid> audited(AccountId of) {
    std::vector<Uid> uids;
    std::uint64_t before = 0;
    EXPECT_TRUE(vault->for_each_audit(of, [&](std::uint64_t seq, const AuditRecord& row) {
      EXPECT_EQ(seq, ++before);
      uids.push_back(row.uid);
      return true;
    }));
    return uids;
  }
  static AuditRecord row(std::uint32_t uid) {
    AuditRecord row;
    row.uid = Uid(uid);
    return row;
  }

  MailboxId inbox;
  TargetId target;
};

TEST_F(VaultGuardTest, AHoldTakesThePlaceOfTheOneBeforeAndGoesWhenReleased) {
  const MailboxId sent = mailbox("Sent");
  hold({hold_of(inbox, {1, 2}), hold_of(sent, {9})});
  hold({hold_of(inbox, {1, 2, 3})});
  EXPECT_THAT(held(), ElementsAre("1:3", "9"));
  expect_sound();
  hold({}, {inbox});
  EXPECT_THAT(held(), ElementsAre("9"));
  hold({hold_of(sent, {10})}, {sent});
  EXPECT_THAT(held(), ElementsAre("10")) << "release comes first";
  reopen();
  EXPECT_THAT(held(), ElementsAre("10"));
}

TEST_F(VaultGuardTest, OnlyWhatAPersonHasSeenIsLetThrough) {
  const MailboxId sent = mailbox("Sent");
  hold({hold_of(inbox, {1, 2}), hold_of(sent, {9})});
  const auto seen = vault->guard_holds(account).value();
  hold({hold_of(inbox, {1, 2, 3})});  // one more meanwhile
  const auto through = vault->acknowledge_holds(account, seen).value();
  ASSERT_EQ(through.size(), 1u);
  EXPECT_EQ(through[0].mailbox, sent);
  reopen();
  const auto now = vault->guard_holds(account).value();
  ASSERT_EQ(now.size(), 2u);
  EXPECT_FALSE(now[0].acknowledged);
  EXPECT_TRUE(now[1].acknowledged);
  EXPECT_EQ(now[1].detail, "30 of 40 messages are gone");
  EXPECT_TRUE(vault->acknowledge_holds(account, seen).value().empty()) << "it has been already";
}

TEST_F(VaultGuardTest, AuditRowsOfAnAccountAreNumberedWithoutGaps) {
  const AccountId bob = vault->account_id("bob").value();
  ASSERT_TRUE(vault->put_audit(account, {row(1), row(2)}));
  ASSERT_TRUE(vault->put_audit(bob, {row(7)}));
  TargetChanges changes;
  changes.audit = {row(3), row(4)};
  ASSERT_TRUE(vault->commit_target(account, target, std::move(changes)));
  ASSERT_TRUE(vault->put_audit(account, {}));
  reopen();
  ASSERT_TRUE(vault->put_audit(account, {row(5)}));
  EXPECT_THAT(audited(account), ElementsAre(Uid(1), Uid(2), Uid(3), Uid(4), Uid(5)));
  EXPECT_THAT(audited(bob), ElementsAre(Uid(7)));
  expect_sound();
}

TEST_F(VaultGuardTest, IntentsToStoreAreKeptApartFromThoseToAppend) {
  const IntentId append = vault->put_intent(account, target, {{}, inbox, UidValidity(1), 1, {}, {}}).value();
  const StoreIntent store{{}, inbox, UidValidity(1), {{"\\Seen"}, {}}, {4, 5}, {}};
  const IntentId first = vault->put_store_intent(account, target, store).value();
  const IntentId second = vault->put_store_intent(account, target, store).value();
  EXPECT_NE(first, second);
  reopen();
  ASSERT_EQ(vault->store_intents(account, target).value().size(), 2u);
  EXPECT_EQ(vault->store_intents(account, target).value()[1].delta, store.delta);
  TargetChanges changes;
  changes.end_store_intent = first;
  ASSERT_TRUE(vault->commit_target(account, target, std::move(changes)));
  ASSERT_EQ(vault->store_intents(account, target).value().size(), 1u);
  EXPECT_EQ(vault->store_intents(account, target).value()[0].id, second);
  EXPECT_EQ(vault->intents(account, target).value().at(0).id, append) << "of another family";
  expect_sound();
}

TEST_F(VaultGuardTest, DoubtsAreKeptBesideTheirBindings) {
  MailboxRecord record;
  record.name = MailboxName::from_wire("Work", '/');
  const MailboxId work = vault->put_mailbox(account, record).value().id;
  const auto doubt_of = [&](MailboxId box, std::uint32_t uid, UidSet reported) {
    return Doubt{{box, kGeneration, Uid(uid)}, Digest(), UidValidity(9), 12, {}, 1, 2, std::move(reported)};
  };
  TargetChanges changes;
  changes.doubt = {doubt_of(work, 7, {}), doubt_of(inbox, 5, {14, 15})};
  changes.bind = {{{inbox, kGeneration, Uid(5)}, UidValidity(9), Uid(13), {}}};
  ASSERT_TRUE(vault->commit_target(account, target, std::move(changes)));
  reopen();
  const auto all = vault->doubts(account, target, std::nullopt).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].place, (Place{inbox, kGeneration, Uid(5)}));
  EXPECT_EQ(all[0].target_uidvalidity, UidValidity(9));
  EXPECT_EQ(all[0].target_uidnext, 12u);
  EXPECT_EQ(all[0].unanswered, 1u);
  EXPECT_EQ(all[0].unshown, 2u);
  EXPECT_EQ(all[0].reported, (UidSet{14, 15}));
  ASSERT_EQ(vault->doubts(account, target, work).value().size(), 1u);
  EXPECT_EQ(vault->doubts(account, target, work).value()[0].place.uid, Uid(7));
  EXPECT_EQ(vault->all_bindings(account, target, inbox, std::nullopt, 10).value().size(), 1u);
  EXPECT_TRUE(vault->doubts(vault->account_id("bob").value(), target, std::nullopt).value().empty());
  TargetChanges ended;
  ended.end_doubt = {all[0].place, all[1].place};
  ended.doubt = {doubt_of(work, 7, {3})};
  ASSERT_TRUE(vault->commit_target(account, target, std::move(ended)));
  ASSERT_EQ(vault->doubts(account, target, std::nullopt).value().size(), 1u);
  EXPECT_EQ(vault->doubts(account, target, std::nullopt).value()[0].reported, UidSet{3});
}

TEST_F(VaultGuardTest, WhatIsBoundToAPlaceEndsInTheBatchThatGivesThePlaceToAnotherMessage) {
  const TargetId second = vault->target_id(account, "second").value();
  const auto bind = [&](TargetId to) {
    TargetChanges changes;
    for (const std::uint32_t uid : {5u, 6u}) {
      const Place place{inbox, kGeneration, Uid(uid)};
      changes.bind.push_back({place, UidValidity(9), Uid(13), {}});
      changes.doubt.push_back({place, Digest(), UidValidity(9), 12, {}, 1, 2, {}});
    }
    ASSERT_TRUE(vault->commit_target(account, to, std::move(changes)));
  };
  const auto bound = [&](TargetId to) {
    std::vector<Uid> uids;
    const auto bindings = vault->all_bindings(account, to, inbox, std::nullopt, 10).value();
    for (const Binding& one : bindings) uids.push_back(one.place.uid);
    const auto doubts = vault->doubts(account, to, std::nullopt).value();
    for (const Doubt& one : doubts) uids.push_back(one.place.uid);
    return uids;
  };
  append(inbox, 5, message(5));
  append(inbox, 6, message(6));
  Changes gone = changes(inbox);
  gone.vanished = {6};
  commit(std::move(gone));
  bind(target);
  bind(second);
  append(inbox, 5, message(5), {"\\Seen"});
  append(inbox, 6, message(6));
  for (const TargetId one : {target, second}) EXPECT_THAT(bound(one), ElementsAre(Uid(5), Uid(6), Uid(5), Uid(6)));

  append(inbox, 5, message(15));
  for (const TargetId one : {target, second}) EXPECT_THAT(bound(one), ElementsAre(Uid(6), Uid(6)));
  gone = changes(inbox);
  gone.vanished = {6};
  commit(std::move(gone));
  append(inbox, 6, message(16));
  for (const TargetId one : {target, second}) EXPECT_TRUE(bound(one).empty()) << "of what had vanished too";
  reopen();
  for (const TargetId one : {target, second}) EXPECT_TRUE(bound(one).empty());
  expect_sound();
}

TEST_F(VaultGuardTest, TheOriginIsKeptByAccount) {
  EXPECT_EQ(vault->origin(account).value(), "");
  ASSERT_TRUE(vault->set_origin(account, "imap.example alice"));
  reopen();
  EXPECT_EQ(vault->origin(account).value(), "imap.example alice");
  EXPECT_EQ(vault->origin(vault->account_id("bob").value()).value(), "");
  expect_sound();
}

}  // namespace
}  // namespace postern::storage
