#include "core/client/server_error.h"

#include <gtest/gtest.h>

namespace postern::client {
namespace {

using std::chrono::milliseconds;

struct Case {
  Doing doing;
  Refusal refusal;
  std::string_view code;
  std::string_view text;
  ErrorKind kind;
  Scope scope;
};

TEST(ServerErrorTest, TableOfRefusals) {
  constexpr auto no = Refusal::no, bad = Refusal::bad, bye = Refusal::bye;
  const Case cases[] = {
      {Doing::logging_in, no, "AUTHENTICATIONFAILED", "Invalid credentials", ErrorKind::auth, Scope::account},
      {Doing::logging_in, no, "", "LOGIN failed.", ErrorKind::auth, Scope::account},
      {Doing::logging_in, no, "UNAVAILABLE", "Internal error", ErrorKind::busy, Scope::account},
      {Doing::logging_in, no, "REFERRAL", "Try evil", ErrorKind::security, Scope::account},
      {Doing::opening, no, "", "User is authenticated but not connected.", ErrorKind::auth, Scope::account},
      {Doing::opening, no, "NONEXISTENT", "Unknown mailbox", ErrorKind::not_found, Scope::mailbox},
      {Doing::opening, no, "", "Mailbox doesn't exist: a", ErrorKind::not_found, Scope::mailbox},
      {Doing::opening, no, "NOPERM", "Denied", ErrorKind::permission, Scope::mailbox},
      {Doing::opening, no, "inuse", "Locked", ErrorKind::busy, Scope::mailbox},
      {Doing::opening, no, "", "No.", ErrorKind::permission, Scope::mailbox},
      {Doing::listing, no, "", "No.", ErrorKind::server_bug, Scope::account},
      {Doing::fetching, no, "OVERQUOTA", "Account exceeded command or bandwidth limits", ErrorKind::throttle,
       Scope::account},
      {Doing::fetching, no, "LIMIT", "UID FETCH Rate limit hit.", ErrorKind::throttle, Scope::account},
      {Doing::fetching, no, "", "UID FETCH Server error - Please try again later", ErrorKind::message, Scope::message},
      {Doing::fetching, bad, "", "Request is throttled. Suggested Backoff Time: 299961 milliseconds",
       ErrorKind::throttle, Scope::account},
      {Doing::fetching, bad, "", "Error in IMAP command", ErrorKind::server_bug, Scope::account},
      {Doing::appending, no, "OVERQUOTA", "Quota exceeded", ErrorKind::quota, Scope::account},
      {Doing::appending, no, "TRYCREATE", "Mailbox doesn't exist", ErrorKind::not_found, Scope::mailbox},
      {Doing::appending, no, "TOOBIG", "Too big", ErrorKind::message, Scope::message},
      {Doing::appending, no, "", "Message contains invalid header", ErrorKind::message, Scope::message},
      {Doing::appending, no, "", "Temporary failure", ErrorKind::busy, Scope::mailbox},
      {Doing::creating, no, "CANNOT", "Reserved", ErrorKind::permission, Scope::mailbox},
      {Doing::fetching, bye, "UNAVAILABLE", "Going down", ErrorKind::transient, Scope::account},
      {Doing::fetching, bye, "", "Temporary failure", ErrorKind::transient, Scope::account},
      {Doing::fetching, bye, "", "Session expired, please login again.", ErrorKind::throttle, Scope::account},
      {Doing::connecting, bye, "", "Too many connections", ErrorKind::throttle, Scope::account},
  };
  for (const Case& c : cases) {
    const Error error = server_error(c.doing, c.refusal, c.code, c.text);
    EXPECT_EQ(to_string(error.kind()), to_string(c.kind)) << c.code << " " << c.text;
    EXPECT_EQ(error.scope(), c.scope) << c.code << " " << c.text;
    EXPECT_EQ(error.server_text(), c.text);
  }
}

TEST(ServerErrorTest, TheCodeIsNamedAndTheTextKeptApart) {
  const Error error = server_error(Doing::appending, Refusal::no, "OverQuota", "No\x1b[2J room");
  EXPECT_EQ(error.what(), "the server refused the message [OVERQUOTA]");
  EXPECT_EQ(error.to_string().find('\x1b'), std::string::npos);
}

TEST(ServerErrorTest, M091SuggestedBackoffIsClamped) {
  EXPECT_EQ(suggested_backoff("Request is throttled. Suggested Backoff Time: 299961 milliseconds"),
            milliseconds(299961));
  EXPECT_EQ(suggested_backoff("suggested backoff time:7000 ms"), milliseconds(7000));
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: 0 milliseconds"), milliseconds(1000));
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: -1 milliseconds"), milliseconds(1000));
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: 1000000000000000000 ms"), milliseconds(3'600'000));
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: 99999999999999999999999999 ms"), milliseconds(3'600'000));
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: soon"), std::nullopt);
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time:"), std::nullopt);
  EXPECT_EQ(suggested_backoff("throttled"), std::nullopt);
}

TEST(ServerErrorTest, ThrottleHintMakesTheErrorWait) {
  const Error error =
      server_error(Doing::fetching, Refusal::no, "", "Request is throttled. Suggested Backoff Time: 5000 milliseconds");
  EXPECT_EQ(error.retry(), Retry::wait_until);
  EXPECT_EQ(error.retry_after(), milliseconds(5000));
  EXPECT_EQ(server_error(Doing::fetching, Refusal::no, "THROTTLED", "").retry(), Retry::backoff);
}

TEST(ServerErrorTest, ThrottlingIsHeardInsideAnOk) {
  EXPECT_TRUE(speaks_of_throttling("", "Success [THROTTLED]"));
  EXPECT_TRUE(speaks_of_throttling("throttled", ""));
  EXPECT_FALSE(speaks_of_throttling("", "Fetch completed"));
}

}  // namespace
}  // namespace postern::client
