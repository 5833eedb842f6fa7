#include "core/protocol/sasl/plain.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace postern::sasl {
namespace {

using namespace std::string_literals;

std::string said(Credentials credentials) {
  const auto response = plain(std::move(credentials))->initial_response();
  return response ? std::string(response->reveal()) : "error: " + response.error().to_string();
}

TEST(PlainTest, SaysAllAtOnce) {
  EXPECT_EQ(said({.user = "alice", .password = Secret("pass"), .authzid = ""}), "\0alice\0pass"s);
  EXPECT_EQ(said({.user = "alice", .password = Secret("pass"), .authzid = "boss"}), "boss\0alice\0pass"s);
  EXPECT_EQ(said({.user = "Ärger", .password = Secret("pä ss\t"), .authzid = ""}), "\0Ärger\0pä ss\t"s);
}

TEST(PlainTest, NeedsNoProofFromTheServer) {
  const auto client = plain({.user = "alice", .password = Secret("pass"), .authzid = ""});
  EXPECT_EQ(client->name(), "PLAIN");
  EXPECT_FALSE(client->verified()) << "an OK before anything was said";
  ASSERT_TRUE(client->initial_response());
  EXPECT_TRUE(client->verified());
}

TEST(PlainTest, HasNoSecondChallenge) {
  const auto client = plain({.user = "alice", .password = Secret("pass"), .authzid = ""});
  ASSERT_TRUE(client->initial_response());
  const auto again = client->respond("");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::protocol);
  EXPECT_FALSE(client->verified());
}

TEST(PlainTest, ANulCannotMoveTheFields) {
  for (const std::string& bad : {"a\0b"s, "\xff"s, "\xc0\x80"s}) {
    EXPECT_FALSE(plain({.user = bad, .password = Secret("p"), .authzid = ""})->initial_response());
    EXPECT_FALSE(plain({.user = "u", .password = Secret(bad), .authzid = ""})->initial_response());
    EXPECT_FALSE(plain({.user = "u", .password = Secret("p"), .authzid = bad})->initial_response());
  }
  EXPECT_FALSE(plain({.user = "", .password = Secret("p"), .authzid = ""})->initial_response());
  EXPECT_FALSE(plain({.user = "u", .password = Secret(), .authzid = ""})->initial_response());
}

}  // namespace
}  // namespace postern::sasl
