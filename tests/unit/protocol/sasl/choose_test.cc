#include "core/protocol/sasl/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sasl {
namespace {

using ::testing::ElementsAre;
using Methods = std::vector<Method>;

constexpr Policy kTls{.line_protected = true};
constexpr Policy kClear{};
constexpr Policy kLoopback{.clear_password = true};

Offer offer(std::vector<std::string> mechanisms, bool login_command = true) {
  return {.mechanisms = std::move(mechanisms), .login_command = login_command};
}

Methods chosen(const Offer& offer, const Policy& policy) {
  const auto methods = choose(offer, policy);
  EXPECT_TRUE(!methods || !methods->empty());
  return methods.value_or(Methods{});
}

ErrorKind refused(const Offer& offer, const Policy& policy) {
  const auto methods = choose(offer, policy);
  return methods ? ErrorKind::internal : methods.error().kind();
}

TEST(ChooseTest, TheBestComesFirst) {
  EXPECT_THAT(chosen(offer({"PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "XOAUTH2"}), kTls),
              ElementsAre(Method::scram_sha_256, Method::plain, Method::login_command));
  EXPECT_THAT(chosen(offer({"scram-sha-256", "plain"}, false), kTls),
              ElementsAre(Method::scram_sha_256, Method::plain));
  EXPECT_THAT(chosen(offer({}), kTls), ElementsAre(Method::login_command));
}

TEST(ChooseTest, NoPasswordGoesOverALineInClear) {
  EXPECT_THAT(chosen(offer({"PLAIN", "SCRAM-SHA-256"}), kClear), ElementsAre(Method::scram_sha_256));
  EXPECT_EQ(refused(offer({"PLAIN"}), kClear), ErrorKind::security);
  EXPECT_EQ(refused(offer({}), kClear), ErrorKind::security);
  Policy forced = kClear;
  forced.only = Method::plain;
  EXPECT_EQ(refused(offer({"PLAIN", "SCRAM-SHA-256"}), forced), ErrorKind::security);
  forced.only = Method::login_command;
  EXPECT_EQ(refused(offer({"SCRAM-SHA-256"}), forced), ErrorKind::security);
}

TEST(ChooseTest, UnlessLeaveWasGiven) {
  EXPECT_THAT(chosen(offer({"PLAIN"}), kLoopback), ElementsAre(Method::plain, Method::login_command));
}

TEST(ChooseTest, LogindisabledIsObeyed) {
  EXPECT_THAT(chosen(offer({"PLAIN"}, false), kTls), ElementsAre(Method::plain));
  EXPECT_EQ(refused(offer({}, false), kTls), ErrorKind::config);
  EXPECT_EQ(refused(offer({"CRAM-MD5", "NTLM", "DIGEST-MD5"}, false), kTls), ErrorKind::config);
}

TEST(ChooseTest, TheLoginCommandCannotActForOthers) {
  Policy policy = kTls;
  policy.authzid = true;
  EXPECT_THAT(chosen(offer({"PLAIN"}), policy), ElementsAre(Method::plain));
  EXPECT_EQ(refused(offer({}), policy), ErrorKind::config);
}

TEST(ChooseTest, TheConfigurationMayInsist) {
  Policy policy = kTls;
  policy.only = Method::login_command;
  EXPECT_THAT(chosen(offer({"PLAIN", "SCRAM-SHA-256"}), policy), ElementsAre(Method::login_command));
  policy.only = Method::scram_sha_256;
  const auto methods = choose(offer({"PLAIN", "X\x1bY"}), policy);
  ASSERT_FALSE(methods);
  EXPECT_EQ(methods.error().to_string(),
            "the server does not offer SCRAM-SHA-256 (server said: \"PLAIN X\\x1bY\"); set auth: auto");
}

/// Whatever is offered: what shows the password needs a protected line or leave, and only what is offered is tried.
TEST(ChooseTest, HoldsForEveryCombination) {
  for (unsigned bits = 0; bits < 64; ++bits) {
    const bool has_scram = bits & 1, has_plain = bits & 2, has_login = bits & 4;
    const Policy policy{
        .line_protected = (bits & 8) != 0, .clear_password = (bits & 16) != 0, .authzid = (bits & 32) != 0};
    Offer given = offer({}, has_login);
    if (has_scram) given.mechanisms.emplace_back("SCRAM-SHA-256");
    if (has_plain) given.mechanisms.emplace_back("PLAIN");
    const bool may_show = policy.line_protected || policy.clear_password;
    Methods expected;
    if (has_scram) expected.push_back(Method::scram_sha_256);
    if (has_plain && may_show) expected.push_back(Method::plain);
    if (has_login && may_show && !policy.authzid) expected.push_back(Method::login_command);
    EXPECT_EQ(chosen(given, policy), expected) << bits;
  }
}

}  // namespace
}  // namespace postern::sasl
