// A vault of an older format becomes one of this format when a writer opens it, whatever stood in the way before.

#include <gmock/gmock.h>
#include <rocksdb/db.h>

#include "storage/families.h"
#include "storage/keys.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage {
namespace {

using testing::Contains;
using testing::Not;

class VaultUpgradeTest : public VaultTest {
 protected:
  void SetUp() override {
    std::filesystem::copy(std::filesystem::path(POSTERN_GOLDEN) / "format-1", options().path,
                          std::filesystem::copy_options::recursive);
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

  /// With RocksDB alone: makes or drops the family that came with format 2, and writes a format.
  void leave_behind(bool identity, std::uint32_t format) {
    std::vector<rocksdb::ColumnFamilyDescriptor> known;
    for (const std::string& name : families()) known.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, options().path.string(), known, &handles, &db).ok());
    if (identity) {
      handles.emplace_back();
      ASSERT_TRUE(db->CreateColumnFamily({}, "identity", &handles.back()).ok());
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

TEST_F(VaultUpgradeTest, AReaderLeavesAnOlderVaultAsItIs) {
  const auto reader = read_only();
  ASSERT_TRUE(reader) << reader.error().to_string();
  EXPECT_EQ((*reader)->format_version(), 1u);
  EXPECT_FALSE((*reader)->held_by_email_id(AccountId(1), {"M1"}).value().at(0));
  EXPECT_TRUE((*reader)->check({}).value().problems.empty());
  EXPECT_THAT(families(), Not(Contains("identity")));
}

TEST_F(VaultUpgradeTest, TheFirstWriterUpgradesItAndAReaderOfBeforeGoesOn) {
  const auto reader = read_only();
  ASSERT_TRUE(reader);
  open();
  EXPECT_EQ(vault->format_version(), 2u);
  EXPECT_THAT(families(), Contains("identity"));
  EXPECT_EQ(format_on_disk(), 2u);
  EXPECT_EQ((*reader)->mailboxes(account).value().size(), 3u);
  ASSERT_TRUE((*reader)->refresh());
  EXPECT_EQ((*reader)->format_version(), 2u);
  ASSERT_TRUE(vault->close());
  EXPECT_EQ(format_on_disk(), 2u);
}

TEST_F(VaultUpgradeTest, AnUpgradeThatWasCutShortIsFinished) {
  leave_behind(true, 1);
  EXPECT_EQ(format_on_disk(), 1u);
  open();
  EXPECT_EQ(vault->format_version(), 2u);
  expect_sound();
  reopen();
  EXPECT_EQ(format_on_disk(), 2u);
}

TEST_F(VaultUpgradeTest, AVaultOfThisFormatWithoutItsFamilyIsDamaged) {
  leave_behind(false, 2);
  const auto opened = Vault::open(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind(), ErrorKind::store);
  EXPECT_THAT(opened.error().what(), testing::HasSubstr("families are missing"));
  EXPECT_EQ(read_only().error().kind(), ErrorKind::store);
  EXPECT_THAT(families(), Not(Contains("identity")));
}

}  // namespace
}  // namespace postern::storage
