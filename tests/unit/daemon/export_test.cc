#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "daemon/export/exporter.h"
#include "daemon/export/file_batch.h"
#include "tests/support/process/temp_dir.h"

namespace postern::daemon {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

/// An object in memory, given out in small pieces.
class TextReader final : public storage::ObjectReader {
 public:
  explicit TextReader(std::string text) : text_(std::move(text)) {}
  const Digest& digest() const override { return digest_; }
  std::uint64_t size() const override { return text_.size(); }
  Result<Bytes> next() override {
    if (fails_after_ && at_ >= *fails_after_) return fail(ErrorKind::store, "damaged");
    const Bytes piece = text_.substr(at_, 3);
    at_ += piece.size();
    return piece;
  }
  void fail_after(std::size_t octets) { fails_after_ = octets; }

 private:
  Digest digest_;
  std::string text_;
  std::size_t at_ = 0;
  std::optional<std::size_t> fails_after_;
};

Entry entry(std::uint32_t uid, FlagSet flags = {}, std::uint64_t size = 5) {
  Entry one;
  one.place = {MailboxId(1), UidValidity(5), Uid(uid)};
  one.size = size;
  one.flags = std::move(flags);
  one.internaldate = {1'030'016'183, 60};
  return one;
}

std::set<std::string> files_below(const fs::path& root) {
  std::set<std::string> names;
  for (const auto& file : fs::recursive_directory_iterator(root)) {
    if (file.is_regular_file()) names.insert(fs::relative(file.path(), root).string());
  }
  return names;
}

class ExportTest : public ::testing::Test {
 protected:
  void add(Exporter& exporter, const Entry& one, const std::string& octets) {
    TextReader reader(octets);
    const auto added = exporter.add(one, reader);
    ASSERT_TRUE(added.has_value()) << added.error().to_string();
  }
  static void ok(const Result<void>& result) { ASSERT_TRUE(result.has_value()) << result.error().to_string(); }

  testing::TempDir folder;
  fs::path root = folder / "out";
};

TEST_F(ExportTest, MaildirKeepsOctetsFlagsKeywordsAndDates) {
  ok(prepare_empty_folder(root));
  const auto exporter = make_maildir_exporter(root);
  const std::string octets = std::string("Subject: x\r\n\r\nFrom here\n\0bare\r", 30);
  ok(exporter->begin(MailboxName::from_wire("INBOX", '/')));
  add(*exporter, entry(7, {"\\Seen", "$Work", "\\Answered"}, octets.size()), octets);
  add(*exporter, entry(8, {"$Other", "$work"}), "hello");
  ok(exporter->end());
  ok(exporter->begin(MailboxName::from_wire("Work/2020", '/')));
  add(*exporter, entry(7), "hello");
  ok(exporter->end());
  ok(exporter->finish());

  EXPECT_THAT(files_below(root),
              UnorderedElementsAre("cur/1030016183.V5U7.postern,S=30:2,RSa", "cur/1030016183.V5U8.postern,S=5:2,ab",
                                   "dovecot-keywords", ".Work.2020/maildirfolder",
                                   ".Work.2020/cur/1030016183.V5U7.postern,S=5:2,"));
  const fs::path message = root / "cur/1030016183.V5U7.postern,S=30:2,RSa";
  EXPECT_EQ(testing::read_file(message), octets);
  EXPECT_EQ(testing::read_file(root / "dovecot-keywords"), "0 $Work\n1 $Other\n");
  struct stat info {};
  ASSERT_EQ(::stat(message.c_str(), &info), 0);
  EXPECT_EQ(info.st_mtime, 1'030'016'183);
  EXPECT_EQ(info.st_mode & 077U, 0U);
  for (const char* part : {"tmp", "new", "cur", ".Work.2020/tmp", ".Work.2020/new"}) {
    EXPECT_TRUE(fs::is_directory(root / part)) << part;
  }
}

TEST_F(ExportTest, HostileNamesStayBelowTheFolder) {
  ok(prepare_empty_folder(root));
  const auto exporter = make_maildir_exporter(root);
  for (const char* wire : {"../../escaped", "..", "/etc/escaped", "a/../../escaped"}) {
    ok(exporter->begin(MailboxName::from_wire(wire, '/')));
    add(*exporter, entry(1), "hello");
    ok(exporter->end());
  }
  ok(exporter->finish());
  std::set<std::string> beside;
  for (const auto& item : fs::directory_iterator(folder.path())) beside.insert(item.path().filename().string());
  EXPECT_THAT(beside, UnorderedElementsAre("out"));
  EXPECT_EQ(files_below(root).size(), 8U);
}

TEST_F(ExportTest, KeywordsBeyondTwentySixAreCountedNotHidden) {
  ok(prepare_empty_folder(root));
  const auto exporter = make_maildir_exporter(root);
  ok(exporter->begin(MailboxName::from_wire("INBOX", '/')));
  for (std::uint32_t uid = 1; uid <= 28; ++uid) add(*exporter, entry(uid, {"$k" + std::to_string(uid)}), "hello");
  ok(exporter->end());
  EXPECT_EQ(exporter->keywords_lost(), 2U);
}

TEST_F(ExportTest, EmlHasAFolderForEachLevel) {
  ok(prepare_empty_folder(root));
  const auto exporter = make_eml_exporter(root);
  ok(exporter->begin(MailboxName::from_wire("Entw&APw-rfe/..", '/')));
  add(*exporter, entry(7), "hello");
  ok(exporter->end());
  ok(exporter->finish());
  EXPECT_THAT(files_below(root), UnorderedElementsAre("Entwürfe/%2E%2E/7.eml"));
}

TEST_F(ExportTest, ADamagedMessageNeverGetsItsFinalName) {
  ok(prepare_empty_folder(root));
  const auto exporter = make_maildir_exporter(root);
  ok(exporter->begin(MailboxName::from_wire("INBOX", '/')));
  TextReader reader("hello");
  reader.fail_after(3);
  EXPECT_FALSE(exporter->add(entry(1), reader).has_value());
  EXPECT_TRUE(fs::is_empty(root / "cur"));
}

TEST_F(ExportTest, AFolderThatIsNotEmptyIsLeftAlone) {
  fs::create_directory(root);
  testing::write_file(root / "precious", "x");
  const auto prepared = prepare_empty_folder(root);
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().kind(), ErrorKind::usage);
  EXPECT_THAT(prepared.error().to_string(), HasSubstr("is not empty"));
  const auto at_file = prepare_empty_folder(root / "precious");
  EXPECT_THAT(at_file.error().to_string(), HasSubstr("precious"));
}

TEST_F(ExportTest, AFileThatAppearsUnderAFinalNameIsNotReplaced) {
  fs::create_directory(root);
  FileBatch batch(root);
  TextReader reader("hello");
  ok(batch.add(root / "a.part", root / "a", reader, InternalDate{}));
  testing::write_file(root / "a", "somebody else's");
  EXPECT_FALSE(batch.flush().has_value());
  EXPECT_EQ(testing::read_file(root / "a"), "somebody else's");
}

}  // namespace
}  // namespace postern::daemon
