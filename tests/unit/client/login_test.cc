#include "tests/support/io/inline_workers.h"
#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using std::chrono::seconds;
using LoginTest = ClientTest;

constexpr const char* kAuthenticate = "AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==";  // \0alice\0secret

/// Commands that carry a credential.
bool shows_password(const std::vector<std::string>& heard) {
  for (const auto& command : heard) {
    if (command.find("AUTHENTICATE") != std::string::npos || command.find("LOGIN") != std::string::npos) return true;
  }
  return false;
}

TEST_F(LoginTest, PlainWithInitialResponse) {
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN").expect(kAuthenticate).reply("$ OK [CAPABILITY IMAP4rev1 IDLE] in\r\n");
  log_in();
  EXPECT_TRUE(client->has("IDLE"));
  EXPECT_FALSE(client->has("SASL-IR")) << "capabilities from before the login are worth nothing after it";
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, PlainWithoutInitialResponse) {
  server.greet("IMAP4rev1 AUTH=PLAIN").expect("AUTHENTICATE PLAIN").reply("+ \r\n");
  server.expect("=AGFsaWNlAHNlY3JldA==").reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, AuthorisesAsSomebodyElse) {
  settings.authorize_as = "bob";
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN");
  server.expect("AUTHENTICATE PLAIN Ym9iAGFsaWNlAHNlY3JldA==").reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, LoginCommandWhereThereIsNothingElse) {
  server.greet("IMAP4rev1").expect("LOGIN \"alice\" \"secret\"").reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, AClearLineThatTheConfigurationAllowed) {
  settings.endpoint.tls = TlsMode::none;
  server.greet("IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN")
      .expect(kAuthenticate)
      .reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_EQ(dialer.secured(), 0U);
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, M093NeverLoginUnderLogindisabled) {
  server.greet("IMAP4rev1 LOGINDISABLED").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::config);
  EXPECT_EQ(connected.error().retry(), Retry::never);
  EXPECT_TRUE(server.heard().empty());
}

TEST_F(LoginTest, AsksForCapabilitiesThatWereNotVolunteered) {
  server.reply("* OK ready\r\n").expect("CAPABILITY").reply("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n$ OK\r\n");
  server.expect(kAuthenticate).reply("$ OK in\r\n");
  server.expect("CAPABILITY").reply("* CAPABILITY IMAP4rev1 MOVE\r\n$ OK\r\n");
  log_in();
  EXPECT_TRUE(client->has("MOVE"));
}

// The example of RFC 7677 §3.
class ScramTest : public LoginTest {
 protected:
  ScramTest() {
    settings.user = "user";
    settings.password = fixed_password(Secret("pencil"));
    settings.nonce = [] { return std::string("rOprNGfwEbeRWgbNEkqO"); };
    server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256");
    server.expect("AUTHENTICATE SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=");
    server.reply(
        "+ cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9P"
        "SxpPTQwOTY=\r\n");
    server.expect(
        "=Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rV"
        "XRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ==");
  }
};

TEST_F(ScramTest, IsPreferredAndVerifiesTheServer) {
  server.reply("+ dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==\r\n").expect("=");
  server.reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_TRUE(server.played());
}

/// Workers that count what they are given.
class CountingWorkers final : public Workers {
 public:
  explicit CountingWorkers(Scheduler& scheduler) : inline_(scheduler) {}
  void submit(std::function<void()> work, std::function<void()> done) override {
    ++jobs;
    inline_.submit(std::move(work), std::move(done));
  }
  int jobs = 0;

 private:
  testing::InlineWorkers inline_;
};

TEST_F(ScramTest, HashesOffTheLoop) {
  CountingWorkers workers(loop);
  settings.workers = &workers;
  server.reply("+ dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==\r\n").expect("=");
  server.reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_TRUE(server.played());
  EXPECT_EQ(workers.jobs, 2) << "the server's first message and its last";
}

TEST_F(ScramTest, M096WrongServerSignatureIsAnImpostor) {
  server.reply("+ dj1BQUFBVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==\r\n").expect("=*");
  server.reply("$ BAD cancelled\r\n");
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
}

TEST_F(ScramTest, OkWithoutProofIsNotBelieved) {
  server.reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
}

TEST_F(LoginTest, TheNextMethodWhenAMechanismIsNotUnderstood) {
  settings.nonce = [] { return std::string("rOprNGfwEbeRWgbNEkqO"); };
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=SCRAM-SHA-256");
  server.expect("AUTHENTICATE SCRAM-SHA-256 *").reply("$ BAD unknown mechanism\r\n");
  server.expect(kAuthenticate).reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
}

TEST_F(LoginTest, RefusedPasswordNamesUserAndRemedyAndIsTriedOnce) {
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN").expect(kAuthenticate);
  server.reply("$ NO [AUTHENTICATIONFAILED] Authentication failed.\r\n").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::auth);
  EXPECT_EQ(connected.error().to_string(),
            "imap.test: the server refused the login of alice by PLAIN (server said: \"Authentication failed.\"); "
            "check the user name and password_file /run/secrets/alice");
  EXPECT_EQ(server.heard().size(), 1U);
}

TEST_F(LoginTest, ThrottledLoginIsNoWrongPassword) {
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN").expect(kAuthenticate);
  server.reply("$ NO Request is throttled. Suggested Backoff Time: 7000 milliseconds\r\n").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::throttle);
  EXPECT_EQ(connected.error().retry_after(), std::chrono::milliseconds(7000));
}

TEST_F(LoginTest, StartTlsThenEverythingAnew) {
  use_starttls();
  server.greet("IMAP4rev1 STARTTLS LOGINDISABLED").expect("STARTTLS").reply("$ OK go ahead\r\n");
  server.expect("CAPABILITY").reply("* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\n$ OK\r\n");
  server.expect(kAuthenticate).reply("$ OK [CAPABILITY IMAP4rev1] in\r\n");
  log_in();
  EXPECT_EQ(dialer.secured(), 1U);
}

TEST_F(LoginTest, M009StartTlsNotOffered) {
  use_starttls();
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
  EXPECT_FALSE(shows_password(server.heard()));
}

TEST_F(LoginTest, M010StartTlsRefused) {
  for (const char* answer : {"$ NO not now\r\n", "$ BAD what?\r\n"}) {
    testing::ImapScript refusing(loop);
    refusing.greet("IMAP4rev1 STARTTLS SASL-IR AUTH=PLAIN").expect("STARTTLS").reply(answer).hang();
    dialer.serve("imap.test", 993, [&refusing](std::unique_ptr<Stream> s) { return refusing.serve(std::move(s)); });
    settings.endpoint.tls = TlsMode::starttls;
    const auto connected = connect();
    ASSERT_FALSE(connected.has_value());
    EXPECT_EQ(connected.error().kind(), ErrorKind::security) << answer;
    EXPECT_EQ(refusing.heard().size(), 1U);
    loop.run_ready();
  }
}

TEST_F(LoginTest, ARefusedHandshakeAfterStartTlsEndsTheConnection) {
  use_starttls();
  server.greet("IMAP4rev1 STARTTLS").expect("STARTTLS").reply("$ OK go ahead\r\n").hang();
  dialer.fail_next_secure(Error(ErrorKind::security, "the certificate is of another authority").at("imap.test:143"));
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
  EXPECT_EQ(connected.error().what(), "the certificate is of another authority");
  EXPECT_EQ(dialer.secured(), 0U);
  EXPECT_FALSE(shows_password(server.heard()));
}

TEST_F(LoginTest, M012OctetsBehindStartTlsAreAnAttack) {
  use_starttls();
  server.greet("IMAP4rev1 STARTTLS").expect("STARTTLS");
  server.reply("$ OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
  EXPECT_EQ(dialer.secured(), 0U);
  EXPECT_FALSE(shows_password(server.heard()));
}

TEST_F(LoginTest, M011PreauthOnAClearLine) {
  use_starttls();
  server.reply("* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\r\n").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::security);
  EXPECT_TRUE(server.heard().empty());
}

TEST_F(LoginTest, PreauthInsideTlsNeedsNoPassword) {
  server.reply("* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n").expect("NOOP").reply("$ OK\r\n");
  log_in();
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
}

TEST_F(LoginTest, M094GreetedWithBye) {
  server.reply("* BYE Too many connections\r\n").cut();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().scope(), Scope::account);
  EXPECT_NE(connected.error().retry(), Retry::never);
  EXPECT_EQ(connected.error().server_text(), "Too many connections");
  EXPECT_EQ(connected.error().where(), "imap.test: greeting");
}

TEST_F(LoginTest, M016SilenceInsteadOfAGreeting) {
  server.hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::transient);
  EXPECT_EQ(loop.elapsed(), seconds(30));
}

TEST_F(LoginTest, M016SilenceAfterStartTls) {
  use_starttls();
  server.greet("IMAP4rev1 STARTTLS").expect("STARTTLS").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::transient);
  EXPECT_EQ(loop.elapsed(), seconds(60));
}

TEST_F(LoginTest, CutAtEveryOffsetOfTheLoginIsAnErrorAndNoMore) {
  const std::string greeting = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n";
  for (std::size_t cut = 0; cut < greeting.size(); ++cut) {
    testing::ImapScript script(loop);
    script.reply(greeting).hang();
    testing::MemoryDialer cutting(loop);
    cutting.shape({}, {.cut_after = cut});
    cutting.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    const auto connected = loop.run(ImapClient::connect(cutting, loop, settings, Wait{}));
    ASSERT_FALSE(connected.has_value()) << cut;
    EXPECT_EQ(connected.error().kind(), ErrorKind::transient) << cut << connected.error().to_string();
  }
}

TEST_F(LoginTest, OneOctetAtATime) {
  dialer.shape({.segment = 1}, {.segment = 1});
  server.login("ID").expect("ID *").reply("* ID NIL\r\n$ OK\r\n");
  log_in();
  EXPECT_TRUE(server.played());
}

TEST_F(LoginTest, SaysIdAndEnablesInOneGo) {
  server.login("ID ENABLE CONDSTORE QRESYNC").expect("ID *").expect("ENABLE QRESYNC");
  server.reply("* ID NIL\r\n$ OK\r\n* ENABLED\r\n$ OK enabled\r\n");
  log_in();
  EXPECT_TRUE(client->qresync()) << "an empty ENABLED with an OK counts (iCloud)";
  EXPECT_TRUE(client->condstore());
}

TEST_F(LoginTest, RefusedEnableIsNoQresync) {
  server.login("ENABLE CONDSTORE QRESYNC").expect("ENABLE QRESYNC").reply("$ NO no\r\n");
  log_in();
  EXPECT_FALSE(client->qresync());
  EXPECT_TRUE(client->condstore());
}

TEST_F(LoginTest, WhatIsDisabledIsNotUsed) {
  settings.disabled = {"QRESYNC", "ID"};
  server.login("ID ENABLE CONDSTORE QRESYNC").expect("ENABLE CONDSTORE").reply("* ENABLED CONDSTORE\r\n$ OK\r\n");
  log_in();
  EXPECT_FALSE(client->qresync());
  EXPECT_FALSE(client->has("QRESYNC"));
}

TEST_F(LoginTest, UidonlyIsEnabledWhereItIsOffered) {
  server.login("ENABLE CONDSTORE QRESYNC UIDONLY").expect("ENABLE QRESYNC UIDONLY");
  server.reply("* ENABLED QRESYNC UIDONLY\r\n$ OK enabled\r\n");
  log_in();
  EXPECT_TRUE(client->uid_only());
  EXPECT_TRUE(client->qresync());
}

TEST_F(LoginTest, UidonlyIsInForceOnlyWhenTheServerSaysSo) {
  server.login("ENABLE UIDONLY").expect("ENABLE UIDONLY").reply("* ENABLED\r\n$ OK enabled\r\n");
  log_in();
  EXPECT_FALSE(client->uid_only()) << "a view that is cut short must not be taken for the whole mailbox";
}

TEST_F(LoginTest, UidonlyCanBeDisabled) {
  settings.disabled = {"UIDONLY", "MESSAGELIMIT"};
  server.login("ENABLE QRESYNC UIDONLY MESSAGELIMIT=1000")
      .expect("ENABLE QRESYNC")
      .reply("* ENABLED QRESYNC\r\n$ OK\r\n");
  log_in();
  EXPECT_FALSE(client->uid_only());
  EXPECT_EQ(client->capabilities().message_limit(), std::nullopt);
}

TEST_F(LoginTest, TheDialersErrorComesThrough) {
  dialer.fail_next(Error(ErrorKind::transient, "no such host").at("imap.test"));
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().to_string(), "imap.test: no such host");
}

TEST_F(LoginTest, APasswordThatCannotBeReadIsNotSent) {
  settings.password = [](Wait) -> Task<Result<Secret>> {
    co_return fail(Error(ErrorKind::config, "password_file /run/secrets/alice: no such file"));
  };
  server.greet("IMAP4rev1 SASL-IR AUTH=PLAIN").hang();
  const auto connected = connect();
  ASSERT_FALSE(connected.has_value());
  EXPECT_EQ(connected.error().kind(), ErrorKind::config);
  EXPECT_TRUE(server.heard().empty());
}

/// ID and ENABLE go with what follows the login.
class IntroductionTest : public LoginTest {
 protected:
  IntroductionTest() {
    settings.introduce_with_first = true;
    server.login("ID ENABLE QRESYNC");
  }
  /// What the server heard before it said anything: one flight.
  testing::ImapScript& one_flight() { return server.expect("ID*").expect("ENABLE QRESYNC"); }
};

TEST_F(IntroductionTest, TravelsWithAListing) {
  one_flight().expect("LIST \"\" \"*\"");
  server.reply("* ID NIL\r\n$ OK\r\n* ENABLED QRESYNC\r\n$ OK\r\n* LIST () \"/\" INBOX\r\n$ OK\r\n");
  log_in();
  EXPECT_FALSE(client->qresync());
  int heard = 0;
  const auto listed = loop.run(client->execute(
      imap::List{.reference = "", .pattern = "*"}, [&](imap::Untagged&) { ++heard; }, Wait{}));
  ASSERT_TRUE(listed.has_value()) << listed.error().to_string();
  EXPECT_EQ(listed->status, imap::Status::ok);
  EXPECT_EQ(heard, 1) << "the answers to ID and ENABLE are not the listing's";
  EXPECT_TRUE(client->qresync());
  EXPECT_TRUE(server.played());
}

TEST_F(IntroductionTest, ARefusedEnableLeavesTheListingWhole) {
  one_flight().expect("LIST \"\" \"*\"").reply("$ BAD\r\n$ NO\r\n* LIST () \"/\" INBOX\r\n$ OK\r\n");
  log_in();
  const auto listed = execute(imap::List{.reference = "", .pattern = "*"});
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->status, imap::Status::ok);
  EXPECT_FALSE(client->qresync());
}

TEST_F(IntroductionTest, ARefusedListingIsTheListings) {
  one_flight().expect("LIST \"\" \"*\"").reply("$ OK\r\n* ENABLED QRESYNC\r\n$ OK\r\n$ NO no\r\n");
  log_in();
  const auto listed = execute(imap::List{.reference = "", .pattern = "*"});
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->status, imap::Status::no);
  EXPECT_TRUE(client->qresync());
}

TEST_F(IntroductionTest, IsAnsweredBeforeWhatDependsOnIt) {
  one_flight().reply("$ OK\r\n* ENABLED QRESYNC\r\n$ OK\r\n").expect("NOOP").reply("$ OK\r\n");
  log_in();
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
  EXPECT_TRUE(client->qresync());
  EXPECT_TRUE(server.played());
}

TEST_F(IntroductionTest, IsLeftOutWhenNothingFollows) {
  server.logout();
  log_in();
  loop.run(client->logout());
  EXPECT_TRUE(server.played());
}

}  // namespace
}  // namespace postern::client
