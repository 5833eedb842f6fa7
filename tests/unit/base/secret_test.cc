#include "core/base/secret.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <gtest/gtest.h>

#include <array>
#include <concepts>
#include <cstddef>
#include <new>
#include <ostream>
#include <utility>

namespace postern {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

static_assert(!Streamable<Secret>, "a Secret must not reach a stream by accident");
static_assert(!fmt::is_formattable<Secret>::value, "a Secret must not reach a log line by accident");
static_assert(!Comparable<Secret>, "comparing secrets takes constant time, which operator== would not");
static_assert(!std::convertible_to<Secret, std::string_view> && !std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<std::string, Secret>);
static_assert(Streamable<std::string> && fmt::is_formattable<std::string>::value, "the checks see what they look for");

constexpr std::string_view kShort = "hunter2";
constexpr std::string_view kLong = "correct horse battery staple, and then some more of it";

/// The octets of an object, wherever it stands; volatile, because it may be dead already.
std::string octets_of(const volatile void* place, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<const volatile char*>(place)[i]);
  return out;
}

TEST(SecretTest, RevealsWhatItHolds) {
  const Secret secret{std::string(kLong)};
  EXPECT_EQ(secret.reveal(), kLong);
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(SecretTest, CopiesStandAlone) {
  Secret a{std::string(kShort)};
  const Secret b = a;
  a = Secret(std::string(kLong));
  EXPECT_EQ(a.reveal(), kLong);
  EXPECT_EQ(b.reveal(), kShort);
  a = b;
  EXPECT_EQ(a.reveal(), kShort);
  const Secret& same = a;
  a = same;
  EXPECT_EQ(a.reveal(), kShort);
}

TEST(SecretTest, MovingLeavesNothingBehind) {
  for (const std::string_view text : {kShort, kLong}) {
    Secret from{std::string(text)};
    Secret to = std::move(from);
    EXPECT_EQ(to.reveal(), text);
    EXPECT_EQ(octets_of(&from, sizeof from).find(text), std::string::npos);
    Secret third{std::string("something else, longer than a small string")};
    third = std::move(to);
    EXPECT_EQ(third.reveal(), text);
    EXPECT_EQ(octets_of(&to, sizeof to).find(text), std::string::npos);
  }
}

TEST(SecretTest, DestroyingOverwrites) {
  alignas(Secret) std::array<std::byte, sizeof(Secret)> place{};
  auto* secret = new (place.data()) Secret(std::string(kShort));
  ASSERT_NE(octets_of(place.data(), place.size()).find(kShort), std::string::npos)
      << "the check sees what it looks for";
  secret->~Secret();
  EXPECT_EQ(octets_of(place.data(), place.size()).find(kShort), std::string::npos);
}

TEST(CleanseTest, OverwritesTheWholeCapacity) {
  std::string text{kLong};
  const char* octets = text.data();
  const std::size_t capacity = text.capacity();
  text.resize(3);  // the rest is still in memory
  cleanse(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), octets);
  EXPECT_EQ(octets_of(octets, capacity), std::string(capacity, '\0'));
}

}  // namespace
}  // namespace postern
