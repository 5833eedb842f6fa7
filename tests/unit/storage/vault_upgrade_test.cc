// A vault of an older format becomes one of this format when a writer opens it, whatever stood in the way before.

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include "storage/families.h"
#include "storage/keys.h"
#include "tests/unit/storage/golden.h"

namespace postern::storage {
namespace {

/// By the number of the older format.
class VaultUpgradeTest : public VaultTest, public testing::WithParamInterface<std::uint32_t> {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(POSTERN_GOLDEN) / ("format-" + std::to_string(GetParam())),
                          options().path, std::filesystem::copy_options::recursive);
  }
  Result<std::unique_ptr<Vault>> read_only() const {
    VaultOptions reading = options();
    reading.mode = VaultOptions::Mode::read_only;
    return Vault::open(reading);
  }
  std::vector<std::string> families() const {
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies({}, options().path.string(), &names).ok());
    return names;
  }
  std::uint32_t format_on_disk() const { return read_only().value()->format_version(); }
  /// The families that a writer has to make, in the order in which it makes them.
  static std::vector<std::string> missing() {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
      if (came_with_format(static_cast<Family>(i)) > GetParam()) names.emplace_back(kFamilyNames[i]);
    }
    return names;
  }

  /// With RocksDB alone: makes families, and writes a format.
  void leave_behind(const std::vector<std::string>& made, std::uint32_t format) {
    std::vector<rocksdb::ColumnFamilyDescriptor> known;
    for (const std::string& name : families()) known.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, options().path.string(), known, &handles, &db).ok());
    for (const std::string& name : made) {
      handles.emplace_back();
      ASSERT_TRUE(db->CreateColumnFamily({}, name, &handles.back()).ok());
    }
    Bytes number;
    put_be32(number, format);
    for (auto* handle : handles) {
      if (handle->GetName() == "meta") EXPECT_TRUE(db->Put({}, handle, "format", number).ok());
      db->DestroyColumnFamilyHandle(handle);
    }
    delete db;
  }
};

/// Without the families that came with format 3.
class VaultUpgradeOfTwoTest : public VaultUpgradeTest {};

TEST_P(VaultUpgradeOfTwoTest, AReaderLeavesAnOlderVaultAsItIs) {
  const auto before = families();
  const auto reader = read_only();
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ((*reader)->format_version(), GetParam());
  EXPECT_FALSE((*reader)->held_by_email_id(AccountId(1), {"M1"}).value().at(0));
  EXPECT_TRUE((*reader)->store_intents(AccountId(1), TargetId(1)).value().empty());
  EXPECT_TRUE((*reader)->for_each_audit(AccountId(1), [](auto, const auto&) { return ADD_FAILURE(), false; }));
  EXPECT_TRUE((*reader)->check({}).value().problems.empty());
  EXPECT_EQ(families(), before);
}

TEST_P(VaultUpgradeTest, TheFirstWriterUpgradesItAndAReaderOfBeforeGoesOn) {
  const auto reader = read_only();
  ASSERT_TRUE(reader);
  open();
  EXPECT_EQ(vault->format_version(), kFormatVersion);
  EXPECT_THAT(families(), testing::IsSupersetOf(missing()));
  EXPECT_EQ(format_on_disk(), kFormatVersion);
  EXPECT_EQ((*reader)->mailboxes(account).value().size(), 3u);
  ASSERT_TRUE((*reader)->refresh());
  EXPECT_EQ((*reader)->format_version(), kFormatVersion);
  ASSERT_TRUE(vault->close());
  EXPECT_EQ(format_on_disk(), kFormatVersion);
}

/// After each family, and after all of them but before the number.
TEST_P(VaultUpgradeTest, AnUpgradeThatWasCutShortIsFinished) {
  const auto all = missing();
  ASSERT_FALSE(all.empty());
  for (std::size_t made = 1; made <= all.size(); ++made) {
    leave_behind({all[made - 1]}, GetParam());
    EXPECT_EQ(format_on_disk(), GetParam()) << made;
    if (made < all.size()) {
      const std::filesystem::path half = options().path, kept = folder.path() / "kept";
      std::filesystem::copy(half, kept, std::filesystem::copy_options::recursive);
      open();
      EXPECT_EQ(vault->format_version(), kFormatVersion) << made;
      expect_sound();
      vault.reset();
      std::filesystem::remove_all(half);
      std::filesystem::rename(kept, half);
    }
  }
  open();
  EXPECT_EQ(vault->format_version(), kFormatVersion);
  expect_sound();
  reopen();
  EXPECT_EQ(format_on_disk(), kFormatVersion);
}

TEST_P(VaultUpgradeOfTwoTest, WhatTheNewFormatBringsIsThereAfterTheUpgrade) {
  open();
  ASSERT_TRUE(vault->put_audit(account, {AuditRecord()}));
  ASSERT_TRUE(vault->put_store_intent(account, TargetId(1), {{}, MailboxId(1), {}, {}, {1}, {}}));
  expect_sound();
  reopen();
  int rows = 0;
  ASSERT_TRUE(vault->for_each_audit(account, [&](auto, const auto&) { return ++rows, true; }));
  EXPECT_EQ(rows, 1);
  EXPECT_EQ(vault->store_intents(account, TargetId(1)).value().size(), 1u);
}

TEST_P(VaultUpgradeTest, AVaultOfThisFormatWithoutItsFamilyIsDamaged) {
  const auto before = families();
  leave_behind({}, kFormatVersion);
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
  EXPECT_THAT(opened.error().what(), testing::HasSubstr("families are missing"));
  EXPECT_EQ(read_only().error().kind(), ErrorKind::store);
  EXPECT_EQ(families(), before);
}

TEST_P(VaultUpgradeTest, WhatIsStoredAfterTheUpgradeIsOfTheNewFormat) {
  open();
  account = vault->find_account("alice").value().value();
  const std::uint64_t before = vault->check({}).value().packs;
  const Digest digest = append(MailboxId(1), 9, message(77));
  EXPECT_EQ(read(digest), message(77));
  EXPECT_GT(vault->check({}).value().packs, before);
  expect_sound();
}

INSTANTIATE_TEST_SUITE_P(Formats, VaultUpgradeOfTwoTest, testing::Values(1u, 2u));
INSTANTIATE_TEST_SUITE_P(Formats, VaultUpgradeTest, testing::Values(1u, 2u, 3u, 4u));

}  // namespace
}  // namespace postern::storage
