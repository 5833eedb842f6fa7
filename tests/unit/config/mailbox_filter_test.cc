#include "core/config/mailbox_filter.h"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(GlobTest, StarsCoverDelimitersAndPercentsDoNot) {
  EXPECT_TRUE(glob_matches("*", "", '/'));
  EXPECT_TRUE(glob_matches("*", "a/b", '/'));
  EXPECT_TRUE(glob_matches("Archive/*", "Archive/2020/01", '/'));
  EXPECT_FALSE(glob_matches("Archive/*", "Archive", '/'));
  EXPECT_TRUE(glob_matches("Archive/%", "Archive/2020", '/'));
  EXPECT_FALSE(glob_matches("Archive/%", "Archive/2020/01", '/'));
  EXPECT_TRUE(glob_matches("%", "a.b", '/'));
  EXPECT_FALSE(glob_matches("%", "a.b", '.'));
  EXPECT_TRUE(glob_matches("%", "a.b", '\0'));
}

TEST(GlobTest, APatternCoversTheWholeName) {
  EXPECT_TRUE(glob_matches("Trash", "Trash", '/'));
  EXPECT_FALSE(glob_matches("Trash", "Trash2", '/'));
  EXPECT_FALSE(glob_matches("rash", "Trash", '/'));
  EXPECT_FALSE(glob_matches("trash", "Trash", '/'));
  EXPECT_TRUE(glob_matches("*x*y*", "axbyc", '/'));
  EXPECT_FALSE(glob_matches("*x*y*", "aybxc", '/'));
}

TEST(GlobTest, AQuestionMarkIsOneCharacterNotOneOctet) {
  EXPECT_TRUE(glob_matches("Entw?rfe", "Entwürfe", '/'));
  EXPECT_TRUE(glob_matches("?", "日", '/'));
  EXPECT_FALSE(glob_matches("??", "日", '/'));
  EXPECT_FALSE(glob_matches("?", "", '/'));
}

TEST(GlobTest, InboxHasNoCase) {
  EXPECT_TRUE(glob_matches("inbox", "INBOX", '/'));
  EXPECT_FALSE(glob_matches("inbox/a", "INBOX/a", '/'));
}

TEST(GlobTest, ManyStarsTakeNoLongerThanTheProductOfTheLengths) {
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  EXPECT_FALSE(glob_matches(pattern + "b", std::string(5'000, 'a'), '/'));
}

TEST(MailboxFilterTest, ExcludeWinsOverInclude) {
  const MailboxFilter all{};
  EXPECT_TRUE(all.selects("anything", '/'));
  const MailboxFilter some{{"INBOX", "Work*"}, {"Work/Old*"}};
  EXPECT_TRUE(some.selects("INBOX", '/'));
  EXPECT_TRUE(some.selects("Work/New", '/'));
  EXPECT_FALSE(some.selects("Work/Older", '/'));
  EXPECT_FALSE(some.selects("Private", '/'));
}

}  // namespace
}  // namespace postern::config
