#include "storage/keys.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::storage {
namespace {

TEST(Keys, OrderIsTheOrderOfTheNumbers) {
  const auto entry = [](std::uint32_t a, std::uint32_t m, std::uint32_t v, std::uint32_t u) {
    return entry_key(AccountId(a), {MailboxId(m), UidValidity(v), Uid(u)});
  };
  const std::vector<Bytes> keys = {entry(1, 1, 1, 1), entry(1, 1, 1, 255), entry(1, 1, 1, 256),
                                   entry(1, 1, 2, 1), entry(1, 2, 1, 1),   entry(256, 1, 1, 1)};
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  const auto snapshot = [](std::int64_t ms) {
    return snapshot_key(AccountId(1), WallTime(std::chrono::milliseconds(ms)));
  };
  EXPECT_LT(snapshot(-5), snapshot(0));
  EXPECT_LT(snapshot(0), snapshot(5));
}

TEST(Keys, EveryKeyIsReadBack) {
  const Place place{MailboxId(2), UidValidity(3), Uid(4)};
  EXPECT_EQ(parse_entry_key(entry_key(AccountId(1), place))->place, place);
  EXPECT_EQ(to_hex(entry_key(AccountId(1), place)), "00000001000000020000000300000004");
  EXPECT_EQ(parse_mailbox_key(mailbox_key(AccountId(1), MailboxId(9))), MailboxId(9));
  EXPECT_EQ(parse_history_key(history_key(AccountId(1), HistorySeq(1ull << 40)))->seq, HistorySeq(1ull << 40));
  const WallTime at{std::chrono::milliseconds(-1)};
  EXPECT_EQ(parse_snapshot_key(snapshot_key(AccountId(1), at))->at, at);
  EXPECT_EQ(parse_intent_key(intent_key(AccountId(1), TargetId(2), IntentId(3))), IntentId(3));
  const auto binding = parse_binding_key(binding_key(AccountId(1), TargetId(2), place));
  EXPECT_EQ(binding->kind, BindingKind::binding);
  EXPECT_EQ(binding->place, place);
  const auto doubt = parse_binding_key(doubt_key(AccountId(1), TargetId(2), place));
  EXPECT_EQ(doubt->kind, BindingKind::doubt);
  EXPECT_EQ(doubt->place, place);
  EXPECT_EQ(parse_binding_key(target_mailbox_key(AccountId(1), TargetId(2), MailboxId(5)))->place.mailbox,
            MailboxId(5));
  EXPECT_EQ(parse_binding_key(target_key(AccountId(1), TargetId(2)))->kind, BindingKind::target);
  QuarantineRecord held;
  held.place = place;
  held.stage = QuarantineRecord::Stage::append;
  held.target = TargetId(6);
  QuarantineRecord again;
  ASSERT_TRUE(parse_quarantine_key(quarantine_key(AccountId(1), held), again));
  EXPECT_EQ(again.place, place);
  EXPECT_EQ(again.stage, held.stage);
  EXPECT_EQ(again.target, TargetId(6));
}

TEST(Keys, KeysOfDeletionsAreReadBack) {
  GuardHold hold;
  ASSERT_TRUE(parse_guard_key(guard_key(AccountId(1), TargetId(2), MailboxId(3)), hold));
  EXPECT_EQ(hold.target, TargetId(2));
  EXPECT_EQ(hold.mailbox, MailboxId(3));
  EXPECT_EQ(parse_audit_key(audit_key(AccountId(4), 1ull << 40))->seq, 1ull << 40);
  EXPECT_EQ(parse_audit_key(audit_key(AccountId(4), 1))->account, AccountId(4));
  EXPECT_FALSE(parse_guard_key(Bytes(11, '\1'), hold));
  EXPECT_FALSE(parse_audit_key(Bytes(13, '\1')));
}

TEST(Keys, KeysOfAnotherLengthAreRefused) {
  const Bytes key(15, '\1');
  QuarantineRecord record;
  EXPECT_FALSE(parse_entry_key(key));
  EXPECT_FALSE(parse_mailbox_key(key));
  EXPECT_FALSE(parse_history_key(key));
  EXPECT_FALSE(parse_snapshot_key(key));
  EXPECT_FALSE(parse_binding_key(key));
  EXPECT_FALSE(parse_intent_key(key));
  EXPECT_FALSE(parse_quarantine_key(key, record));
}

TEST(Keys, ThePrefixEndsBeforeItsSuccessor) {
  EXPECT_EQ(after_prefix(Bytes("a\x01", 2)), Bytes("a\x02", 2));
  EXPECT_EQ(after_prefix("a\xFF\xFF"), "b");
  EXPECT_EQ(after_prefix("\xFF"), "");
}

}  // namespace
}  // namespace postern::storage
