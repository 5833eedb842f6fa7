#include "core/protocol/sasl/scram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/base/base64.h"
#include "core/crypto/hmac.h"
#include "core/crypto/key_derivation.h"
#include "core/crypto/random.h"

namespace postern::sasl {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kNonce = "rOprNGfwEbeRWgbNEkqO";
const std::string kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

Credentials pencil() { return {.user = "user", .password = Secret("pencil"), .authzid = ""}; }

std::string said(const Result<Secret>& response) {
  return response ? std::string(response->reveal()) : "error: " + response.error().to_string();
}

/// The other side, written from RFC 5802 apart from the code under test.
struct Server {
  std::string user, password, authzid;
  std::string salt = "sixteen octets!!";
  std::uint32_t iterations = 4096;
  std::string first, client_first_bare;

  std::string challenge(const std::string& client_first) {
    const std::string gs2 = authzid.empty() ? "n,," : "n,a=" + authzid + ",";
    EXPECT_THAT(client_first, StartsWith(gs2 + "n=" + user + ",r="));
    client_first_bare = client_first.substr(gs2.size());
    const std::string nonce = client_first_bare.substr(client_first_bare.find(",r=") + 3);
    first = "r=" + nonce + "server,s=" + base64_encode(salt) + ",i=" + std::to_string(iterations);
    return first;
  }

  /// What to say to the client's final message: "v=…", or "e=…" when the proof is wrong.
  std::string verdict(const std::string& client_final) const {
    const std::size_t proof_at = client_final.rfind(",p=");
    const std::string auth_message = client_first_bare + "," + first + "," + client_final.substr(0, proof_at);
    const Secret salted = crypto::pbkdf2_hmac_sha256(Secret(password), salt, iterations);
    const auto client_key = crypto::hmac_sha256(salted.reveal(), "Client Key");
    const auto signature = crypto::hmac_sha256(crypto::view(crypto::sha256(crypto::view(client_key))), auth_message);
    std::string proof;
    for (std::size_t i = 0; i < 32; ++i) proof.push_back(static_cast<char>(client_key[i] ^ signature[i]));
    if (client_final.substr(proof_at + 3) != base64_encode(proof)) return "e=invalid-proof";
    const auto server_key = crypto::hmac_sha256(salted.reveal(), "Server Key");
    return "v=" + base64_encode(crypto::view(crypto::hmac_sha256(crypto::view(server_key), auth_message)));
  }
};

/// A client that has sent its first message and waits for the server's.
std::unique_ptr<Mechanism> waiting(ScramLimits limits = {}) {
  auto client = scram_sha_256(pencil(), kNonce, limits);
  EXPECT_TRUE(client->initial_response());
  return client;
}

TEST(ScramTest, MatchesRfc7677) {
  const auto client = scram_sha_256(pencil(), kNonce);
  EXPECT_EQ(client->name(), "SCRAM-SHA-256");
  EXPECT_EQ(said(client->initial_response()), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_FALSE(client->verified());
  EXPECT_EQ(
      said(client->respond(kServerFirst)),
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_FALSE(client->verified());
  EXPECT_EQ(said(client->respond(kServerFinal)), "");
  EXPECT_TRUE(client->verified());
}

void expect_login(Credentials credentials, Server server, bool succeeds = true) {
  crypto::SystemRandom random;
  const auto client = scram_sha_256(std::move(credentials), random);
  const std::string first = said(client->initial_response());
  const std::string final = said(client->respond(server.challenge(first)));
  const auto end = client->respond(server.verdict(final));
  EXPECT_EQ(end.has_value(), succeeds) << said(end);
  EXPECT_EQ(client->verified(), succeeds);
}

TEST(ScramTest, LogsInToAServer) { expect_login(pencil(), {.user = "user", .password = "pencil"}); }

TEST(ScramTest, ASecondIdentityIsAuthenticatedToo) {
  expect_login({.user = "admin", .password = Secret("pw"), .authzid = "alice"},
               {.user = "admin", .password = "pw", .authzid = "alice"});
}

TEST(ScramTest, NamesWithCommaAndEqualsSignAreEscaped) {
  expect_login({.user = "a=b,c", .password = Secret("p,=w"), .authzid = "x,y"},
               {.user = "a=3Db=2Cc", .password = "p,=w", .authzid = "x=2Cy"});
}

TEST(ScramTest, SpacesOfOtherKindsAreBlanks) {
  expect_login({.user = "user", .password = Secret("I\u00adX \u00a0y"), .authzid = ""},
               {.user = "user", .password = "IX  y"});
}

TEST(ScramTest, AWrongPasswordIsTheServersToRefuse) {
  crypto::SystemRandom random;
  const auto client = scram_sha_256(pencil(), random);
  Server server{.user = "user", .password = "pencil2"};
  const std::string first = said(client->initial_response());
  const auto end = client->respond(server.verdict(said(client->respond(server.challenge(first)))));
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind(), ErrorKind::auth);
  EXPECT_EQ(end.error().server_text(), "invalid-proof");
  EXPECT_FALSE(client->verified());
}

TEST(ScramTest, NoncesDifferEachTime) {
  crypto::SystemRandom random;
  EXPECT_NE(said(scram_sha_256(pencil(), random)->initial_response()),
            said(scram_sha_256(pencil(), random)->initial_response()));
}

TEST(ScramTest, RefusesAServersFirstMessage) {
  const struct {
    std::string message;
    ErrorKind kind;
  } cases[] = {
      {"", ErrorKind::protocol},
      {"r=", ErrorKind::protocol},
      {"x", ErrorKind::protocol},
      {"m=ext," + kServerFirst, ErrorKind::protocol},
      {"e=other-error", ErrorKind::auth},
      {kServerFirst + ",x=" + std::string(1'048'576, 'x'), ErrorKind::protocol},
      {"r=" + kNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::security},  // adds nothing to our nonce
      {"r=rOpr,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::security},            // short
      {"r=ROPRNGFWEBERWGBNEKQOxyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::security},
      {"r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::protocol},
      {"r=" + kNonce + "a b,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::protocol},
      {"r=" + kNonce + std::string(2'000, 'x') + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", ErrorKind::protocol},
      {"r=" + kNonce + "x,i=4096,s=W22ZaJ0SNY7soEsUEjb6gQ==", ErrorKind::protocol},  // order matters
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=,i=4096", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22Z!,i=4096", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=" + base64_encode(std::string(2'000, 's')) + ",i=4096", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=+4096", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=04096", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0", ErrorKind::protocol},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1", ErrorKind::security},  // too easy to guess from
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001", ErrorKind::security},
      {"r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000000000", ErrorKind::security},
  };
  for (const auto& c : cases) {
    const auto client = waiting();
    const auto response = client->respond(c.message);
    ASSERT_FALSE(response) << c.message;
    EXPECT_EQ(response.error().kind(), c.kind) << c.message;
    EXPECT_FALSE(client->verified());
    EXPECT_FALSE(client->respond(kServerFirst)) << "over after the first error";
    EXPECT_FALSE(client->verified());
  }
}

TEST(ScramTest, ExtensionsBehindTheIterationCountAreIgnored) {
  EXPECT_TRUE(waiting()->respond(kServerFirst + ",x=future"));
}

TEST(ScramTest, LimitsAreTheCallers) {
  const std::string one = "r=" + kNonce + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1";
  EXPECT_TRUE(waiting({.min_iterations = 1, .max_iterations = 1})->respond(one));
  EXPECT_FALSE(waiting({.min_iterations = 1, .max_iterations = 4095})->respond(kServerFirst));
}

TEST(ScramTest, AServerThatCannotSignIsAnImpostor) {
  const std::string wrong = "v=" + base64_encode(std::string(32, 'x'));
  const struct {
    std::string message;
    ErrorKind kind;
  } cases[] = {
      {wrong, ErrorKind::security},
      {"v=", ErrorKind::security},
      {"v=" + base64_encode(std::string(31, 'x')), ErrorKind::security},
      {"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", ErrorKind::protocol},  // not canonical
      {"v=6rri!", ErrorKind::protocol},
      {"", ErrorKind::protocol},
      {"OK", ErrorKind::protocol},
      {kServerFirst, ErrorKind::protocol},
      {"e=unknown-user", ErrorKind::auth},
  };
  for (const auto& c : cases) {
    const auto client = waiting();
    ASSERT_TRUE(client->respond(kServerFirst));
    const auto end = client->respond(c.message);
    ASSERT_FALSE(end) << c.message;
    EXPECT_EQ(end.error().kind(), c.kind) << c.message;
    EXPECT_FALSE(client->verified());
    EXPECT_FALSE(client->respond(kServerFinal)) << "no second chance";
    EXPECT_FALSE(client->verified());
  }
}

TEST(ScramTest, AnotherChallengeAfterTheEndSpoilsIt) {
  const auto client = waiting();
  ASSERT_TRUE(client->respond(kServerFirst));
  ASSERT_TRUE(client->respond(kServerFinal));
  EXPECT_TRUE(client->verified());
  EXPECT_FALSE(client->respond(kServerFinal));
  EXPECT_FALSE(client->verified());
}

TEST(ScramTest, KeepsToTheOrder) {
  const auto early = scram_sha_256(pencil(), kNonce);
  EXPECT_FALSE(early->respond(kServerFirst));
  EXPECT_FALSE(early->initial_response()) << "spoiled by the challenge";
  const auto twice = waiting();
  EXPECT_FALSE(twice->initial_response());
}

TEST(ScramTest, RefusesNamesAndPasswordsThatCannotBeSent) {
  const auto begin = [](Credentials credentials, std::string nonce = kNonce) {
    return scram_sha_256(std::move(credentials), std::move(nonce))->initial_response().has_value();
  };
  EXPECT_TRUE(begin(pencil()));
  EXPECT_FALSE(begin({.user = "", .password = Secret("x"), .authzid = ""}));
  EXPECT_FALSE(begin({.user = "a\nb", .password = Secret("x"), .authzid = ""}));
  EXPECT_FALSE(begin({.user = "\xff", .password = Secret("x"), .authzid = ""}));
  EXPECT_FALSE(begin({.user = "a", .password = Secret("x"), .authzid = "\x07"}));
  EXPECT_FALSE(begin(pencil(), "short"));
  EXPECT_FALSE(begin(pencil(), "with,comma-and-long-enough"));

  for (const char* password : {"", "\u00ad", "line\n", "\xff"}) {
    const auto client = scram_sha_256({.user = "user", .password = Secret(password), .authzid = ""}, kNonce);
    ASSERT_TRUE(client->initial_response());
    const auto response = client->respond(kServerFirst);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind(), ErrorKind::auth);
  }
}

TEST(ScramTest, NoErrorHoldsThePassword) {
  const auto client = scram_sha_256({.user = "user", .password = Secret("hunter2\x01"), .authzid = ""}, kNonce);
  ASSERT_TRUE(client->initial_response());
  EXPECT_THAT(said(client->respond(kServerFirst)), Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace postern::sasl
