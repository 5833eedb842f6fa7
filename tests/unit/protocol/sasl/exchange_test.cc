#include "core/protocol/sasl/exchange.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/base64.h"
#include "core/protocol/sasl/plain.h"
#include "core/protocol/sasl/scram.h"

namespace postern::sasl {
namespace {

using namespace std::string_literals;

Credentials alice(std::string authzid = "") {
  return {.user = "alice", .password = Secret("pass"), .authzid = std::move(authzid)};
}

std::string said(const Result<Secret>& response) {
  return response ? std::string(response->reveal()) : "error: " + response.error().to_string();
}

TEST(PlainTest, SaysAllAtOnce) {
  EXPECT_EQ(said(plain(alice())->initial_response()), "\0alice\0pass"s);
  EXPECT_EQ(said(plain(alice("boss"))->initial_response()), "boss\0alice\0pass"s);
  EXPECT_EQ(said(plain({.user = "Ärger", .password = Secret("pä ss\t"), .authzid = ""})->initial_response()),
            "\0Ärger\0pä ss\t"s);
  EXPECT_EQ(plain(alice())->name(), "PLAIN");
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

TEST(ExchangeTest, PlainWithInitialResponse) {
  Exchange exchange(plain(alice()));
  EXPECT_FALSE(exchange.finish()) << "nothing was said yet";
  EXPECT_EQ(said(exchange.initial_line()), "AGFsaWNlAHBhc3M=");
  EXPECT_TRUE(exchange.finish());
}

TEST(ExchangeTest, PlainWithoutInitialResponse) {
  Exchange exchange(plain(alice()));
  EXPECT_EQ(exchange.name(), "PLAIN");
  EXPECT_EQ(said(exchange.answer("")), "AGFsaWNlAHBhc3M=");
  EXPECT_TRUE(exchange.finish());
}

TEST(ExchangeTest, PlainHasNoSecondChallenge) {
  Exchange exchange(plain(alice()));
  ASSERT_TRUE(exchange.initial_line());
  const auto again = exchange.answer("");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::protocol);
  EXPECT_EQ(again.error().where(), "PLAIN");
}

TEST(ExchangeTest, TheFirstChallengeIsEmptyWhenTheClientSpeaksFirst) {
  Exchange exchange(plain(alice()));
  EXPECT_FALSE(exchange.answer(base64_encode("who are you?")));
}

TEST(ExchangeTest, ScramBothWays) {
  for (const bool initial : {true, false}) {
    Exchange exchange(
        scram_sha_256({.user = "user", .password = Secret("pencil"), .authzid = ""}, "rOprNGfwEbeRWgbNEkqO"));
    EXPECT_EQ(said(initial ? exchange.initial_line() : exchange.answer("")),
              base64_encode("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
    EXPECT_FALSE(exchange.finish());
    EXPECT_TRUE(exchange.answer(
        base64_encode("r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")));
    const auto early = exchange.finish();
    ASSERT_FALSE(early) << "an OK before the server's signature";
    EXPECT_EQ(early.error().kind(), ErrorKind::security);
    EXPECT_EQ(said(exchange.answer(base64_encode("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="))), "");
    EXPECT_TRUE(exchange.finish());
  }
}

TEST(ExchangeTest, RefusesWhatIsNoBase64) {
  for (const std::string& challenge : {"!"s, "AAA"s, "AA==\r"s, " "s, "A\0=="s, std::string(100, '=')}) {
    Exchange exchange(scram_sha_256(alice(), "rOprNGfwEbeRWgbNEkqO"));
    ASSERT_TRUE(exchange.initial_line());
    const auto response = exchange.answer(challenge);
    ASSERT_FALSE(response) << challenge;
    EXPECT_EQ(response.error().kind(), ErrorKind::protocol);
  }
}

TEST(ExchangeTest, AHugeChallengeIsNotEvenDecoded) {
  Exchange exchange(scram_sha_256(alice(), "rOprNGfwEbeRWgbNEkqO"));
  ASSERT_TRUE(exchange.initial_line());
  const auto response = exchange.answer(std::string(1'048'576, 'A'));
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().to_string().find("1048576 octets"), std::string::npos);
}

/// A mechanism whose first word is empty, as EXTERNAL's may be.
class Silent final : public Mechanism {
 public:
  std::string_view name() const override { return "SILENT"; }
  Result<Secret> initial_response() override { return Secret(); }
  Result<Secret> respond(ByteView) override { return Secret(); }
  bool verified() const override { return true; }
};

TEST(ExchangeTest, AnEmptyInitialResponseIsAnEqualsSign) {
  EXPECT_EQ(said(Exchange(std::make_unique<Silent>()).initial_line()), "=");
  EXPECT_EQ(said(Exchange(std::make_unique<Silent>()).answer("")), "");
}

}  // namespace
}  // namespace postern::sasl
