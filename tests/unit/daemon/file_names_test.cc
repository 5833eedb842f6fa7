#include "daemon/export/file_names.h"

#include <gtest/gtest.h>

#include <set>

namespace postern::daemon {
namespace {

std::string folder(const std::string& wire, char delimiter = '/') {
  return maildir_folder(MailboxName::from_wire(wire, delimiter));
}

TEST(MaildirFolderTest, FollowsMaildirPlusPlus) {
  EXPECT_EQ(folder("INBOX"), "");
  EXPECT_EQ(folder("inbox"), "");
  EXPECT_EQ(folder("Work"), ".Work");
  EXPECT_EQ(folder("Work/2020"), ".Work.2020");
  EXPECT_EQ(folder("Work.2020", '.'), ".Work.2020");
  EXPECT_EQ(folder("Entw&APw-rfe"), ".Entw&APw-rfe");
}

// CVE-2021-20247 and its kin: a name is one component, whatever the server calls its mailboxes.
TEST(MaildirFolderTest, NoNameEscapesItsFolder) {
  const std::set<std::string> wires = {"..",
                                       ".",
                                       "../..",
                                       "../../etc/passwd",
                                       "/etc/passwd",
                                       "a/../b",
                                       "a//b",
                                       "/",
                                       "//",
                                       "a/",
                                       "...",
                                       "~root",
                                       "a\\b",
                                       "a\nb",
                                       "a\x01",
                                       "%2E%2E",
                                       "new",
                                       "cur",
                                       "tmp",
                                       ".hidden",
                                       "dovecot-keywords",
                                       "a..b",
                                       "C:\\x",
                                       "-rf",
                                       "a`x`b",
                                       std::string("a\0b", 3),
                                       std::string(4'096, 'x'),
                                       std::string(300, '.')};
  std::set<std::string> folders;
  for (const std::string& wire : wires) {
    for (const char delimiter : {'/', '.', '\0'}) {
      const std::string name = folder(wire, delimiter);
      EXPECT_TRUE(name.starts_with('.')) << wire;
      EXPECT_NE(name, ".") << wire;
      EXPECT_NE(name, "..") << wire;
      EXPECT_EQ(name.find('/'), std::string::npos) << wire;
      EXPECT_EQ(name.find('\0'), std::string::npos) << wire;
      EXPECT_LE(name.size(), 255U) << wire;
      for (const char c : name) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << wire;
    }
    EXPECT_TRUE(folders.insert(folder(wire)).second) << wire << " shares its folder";
  }
}

TEST(MaildirFolderTest, LongNamesThatDifferAtTheEndStayApart) {
  EXPECT_NE(folder(std::string(300, 'x') + "a"), folder(std::string(300, 'x') + "b"));
}

TEST(FolderComponentTest, IsSafeAndReadable) {
  EXPECT_EQ(folder_component("Entwürfe"), "Entwürfe");
  EXPECT_EQ(folder_component(".."), "%2E%2E");
  EXPECT_EQ(folder_component(""), "%");
  EXPECT_EQ(folder_component("7.eml"), "7%2Eeml");
}

TEST(MaildirNameTest, CarriesDateGenerationUidAndSize) {
  Entry entry;
  entry.place = {MailboxId(3), UidValidity(5), Uid(7)};
  entry.size = 4'711;
  entry.internaldate.unix_seconds = 1'029'000'983;
  EXPECT_EQ(maildir_base_name(entry), "1029000983.V5U7.postern,S=4711");
  entry.internaldate.unix_seconds = -5;
  EXPECT_EQ(maildir_base_name(entry), "0.V5U7.postern,S=4711");
}

TEST(MaildirNameTest, FlagsAreLettersInOrder) {
  EXPECT_EQ(maildir_flag_letters({"\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted", "$forwarded"}),
            "DFPRST");
  EXPECT_EQ(maildir_flag_letters({"$Work"}), "");
  EXPECT_TRUE(is_maildir_keyword("$Work"));
  EXPECT_FALSE(is_maildir_keyword("\\seen"));
}

}  // namespace
}  // namespace postern::daemon
