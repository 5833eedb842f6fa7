#include "core/config/suggest.h"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(SuggestTest, DistanceCountsSwapsOnce) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("host", "hots"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(SuggestTest, FindsTheNearestAndNothingWhenNoneIsNear) {
  const std::vector<std::string_view> keys = {"host", "port", "password_file"};
  EXPECT_EQ(nearest("Hots", keys), "host");
  EXPECT_EQ(nearest("passwordfile", keys), "password_file");
  EXPECT_EQ(nearest("pirt", keys), "port");
  EXPECT_EQ(nearest("colour", keys), "");
  EXPECT_EQ(nearest(std::string(1'000'000, 'x'), keys), "");
}

}  // namespace
}  // namespace postern::config
