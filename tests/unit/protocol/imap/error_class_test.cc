#include "core/protocol/imap/error_class.h"

#include <gtest/gtest.h>

namespace postern::imap {
namespace {

using namespace std::chrono_literals;

ResponseCode code(CodeKind kind) { return ResponseCode{kind, {}}; }

struct Case {
  CommandClass command;
  Status status;
  CodeKind code;
  std::string_view text;
  ErrorKind kind;
};

class ErrorClass : public ::testing::TestWithParam<Case> {};

TEST_P(ErrorClass, IsOfKind) {
  const Case& c = GetParam();
  const Error error = classify("X", c.command, c.status, code(c.code), c.text);
  EXPECT_EQ(to_string(error.kind()), to_string(c.kind)) << c.text;
  EXPECT_EQ(error.server_text(), c.text);
}

using enum CommandClass;
INSTANTIATE_TEST_SUITE_P(
    Known, ErrorClass,
    ::testing::Values(
        Case{other, Status::no, CodeKind::throttled, "slow", ErrorKind::throttle},
        Case{other, Status::bad, CodeKind::none, "Request is throttled. Suggested Backoff Time: 299609 milliseconds",
             ErrorKind::throttle},
        Case{fetch, Status::no, CodeKind::limit, "UID FETCH Rate limit hit.", ErrorKind::throttle},
        Case{fetch, Status::no, CodeKind::over_quota, "Account exceeded command or bandwidth limits.",
             ErrorKind::throttle},
        Case{session, Status::bye, CodeKind::none, "Session expired, please login again.", ErrorKind::throttle},
        Case{session, Status::bye, CodeKind::none, "Too many simultaneous connections. (Failure)", ErrorKind::throttle},
        Case{session, Status::bye, CodeKind::none, "Connection closed. 14", ErrorKind::transient},
        Case{mailbox, Status::no, CodeKind::in_use, "locked", ErrorKind::busy},
        Case{other, Status::no, CodeKind::unavailable, "later", ErrorKind::busy},
        Case{other, Status::no, CodeKind::none, "Server Unavailable. 15", ErrorKind::busy},
        Case{append, Status::no, CodeKind::over_quota, "full", ErrorKind::quota},
        Case{create, Status::no, CodeKind::over_quota, "full", ErrorKind::quota},
        Case{append, Status::no, CodeKind::none, "Mailbox quota exceeded", ErrorKind::quota},
        Case{append, Status::no, CodeKind::too_big, "x", ErrorKind::message},
        Case{append, Status::no, CodeKind::none, "Message contains invalid header", ErrorKind::message},
        Case{append, Status::no, CodeKind::none, "Maximum size of appendable message has been exceeded",
             ErrorKind::message},
        Case{append, Status::no, CodeKind::try_create, "no such mailbox", ErrorKind::not_found},
        Case{authentication, Status::no, CodeKind::authentication_failed, "bad", ErrorKind::auth},
        Case{authentication, Status::no, CodeKind::none, "LOGIN failed.", ErrorKind::auth},
        Case{authentication, Status::no, CodeKind::unavailable, "Temporary authentication failure", ErrorKind::busy},
        Case{mailbox, Status::bad, CodeKind::none, "User is authenticated but not connected.", ErrorKind::auth},
        Case{other, Status::no, CodeKind::expired, "token", ErrorKind::auth},
        Case{mailbox, Status::no, CodeKind::no_perm, "x", ErrorKind::permission},
        Case{create, Status::no, CodeKind::cannot, "reserved", ErrorKind::permission},
        Case{mailbox, Status::no, CodeKind::nonexistent, "x", ErrorKind::not_found},
        Case{mailbox, Status::no, CodeKind::none, "Mailbox doesn't exist: Work (0.001 + 0.000 secs).",
             ErrorKind::not_found},
        Case{mailbox, Status::no, CodeKind::none, "Mailbox does not exist", ErrorKind::not_found},
        Case{append, Status::no, CodeKind::none, "Mailbox doesn't exist: Work", ErrorKind::not_found},
        Case{mailbox, Status::no, CodeKind::no_perm, "Mailbox doesn't exist, or you may not know",
             ErrorKind::permission},
        Case{create, Status::no, CodeKind::none, "Mailbox doesn't exist", ErrorKind::permission},
        Case{mailbox, Status::no, CodeKind::none, "Permission denied", ErrorKind::permission},
        Case{fetch, Status::no, CodeKind::server_bug, "x", ErrorKind::server_bug},
        Case{fetch, Status::no, CodeKind::none, "UID FETCH Server error - Please try again later",
             ErrorKind::server_bug},
        Case{other, Status::bad, CodeKind::none, "Unknown command", ErrorKind::server_bug},
        Case{store, Status::no, CodeKind::none, "[LIMIT] UID STORE Rate limit hit.", ErrorKind::throttle},
        Case{store, Status::no, CodeKind::limit, "UID STORE Rate limit hit.", ErrorKind::throttle},
        Case{store, Status::no, CodeKind::limit, "Too many keywords", ErrorKind::server_bug},
        Case{store, Status::no, CodeKind::throttled, "slow", ErrorKind::throttle},
        Case{store, Status::no, CodeKind::in_use, "locked", ErrorKind::busy},
        Case{store, Status::no, CodeKind::unavailable, "later", ErrorKind::busy},
        Case{store, Status::no, CodeKind::no_perm, "x", ErrorKind::permission},
        Case{store, Status::no, CodeKind::none, "Server Unavailable. 15", ErrorKind::busy},
        Case{authentication, Status::no, CodeKind::referral, "go there", ErrorKind::security}));

TEST(ErrorClassTest, ARefusedStoreIsTheMailboxesAndNotTheConnections) {
  for (const Status status : {Status::no, Status::bad}) {
    for (const CodeKind kind : {CodeKind::none, CodeKind::limit, CodeKind::client_bug, CodeKind::server_bug}) {
      const Error error = classify("STORE", CommandClass::store, status, code(kind), "Invalid keyword");
      EXPECT_EQ(error.scope(), Scope::mailbox) << to_string(kind);
    }
  }
  EXPECT_EQ(classify("STORE", CommandClass::store, Status::no, code(CodeKind::no_perm), "x").scope(), Scope::mailbox);
  EXPECT_EQ(classify("STORE", CommandClass::store, Status::no, code(CodeKind::throttled), "x").scope(), Scope::account);
  EXPECT_EQ(classify("STORE", CommandClass::store, Status::no, code(CodeKind::expired), "x").scope(), Scope::account);
  EXPECT_EQ(classify("", CommandClass::store, Status::bye, {}, "x").scope(), Scope::account);
}

TEST(ErrorClassTest, M091_SuggestedBackoffIsClamped) {
  EXPECT_EQ(suggested_backoff("Request is throttled. Suggested Backoff Time: 299609 milliseconds"), 299609ms);
  EXPECT_EQ(suggested_backoff("suggested backoff time: 0 milliseconds"), 1s);
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: -1 milliseconds"), 1s);
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: 1000000000000000000 milliseconds"), 1h);
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time: soon"), std::nullopt);
  EXPECT_EQ(suggested_backoff("Suggested Backoff Time:"), std::nullopt);
  EXPECT_EQ(suggested_backoff("LOGIN failed"), std::nullopt);
  const Error error = classify("X", CommandClass::other, Status::bad, {},
                               "Request is throttled. Suggested Backoff Time: 5000 milliseconds");
  EXPECT_EQ(error.retry_after(), 5000ms);
  EXPECT_EQ(error.retry(), Retry::wait_until);
}

TEST(ErrorClassTest, ThrottlingHidesInTheTextOfAnOk) {
  EXPECT_TRUE(asks_for_patience({}, "Success [THROTTLED]"));
  EXPECT_TRUE(asks_for_patience(code(CodeKind::throttled), ""));
  EXPECT_FALSE(asks_for_patience({}, "Success"));
}

}  // namespace
}  // namespace postern::imap
