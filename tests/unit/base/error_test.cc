#include "core/base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "core/base/result.h"

namespace postern {
namespace {

TEST(ErrorTest, ReadsFromTheOutsideIn) {
  Error error(ErrorKind::transient, "connection closed in the middle of a message");
  error.at("FETCH").at("UID 812").at("INBOX/Work").at("alice").server_text("Bye").remedy("run again");
  EXPECT_EQ(error.to_string(),
            "alice: INBOX/Work: UID 812: FETCH: connection closed in the middle of a message (server said: \"Bye\"); "
            "run again");
  EXPECT_EQ(error.where(), "alice: INBOX/Work: UID 812: FETCH");
}

TEST(ErrorTest, SaysOnlyWhatThereIs) {
  EXPECT_EQ(Error(ErrorKind::usage, "no such option").to_string(), "no such option");
  EXPECT_EQ(Error(ErrorKind::usage, "no such option").remedy("see --help").to_string(), "no such option; see --help");
  EXPECT_EQ(Error(ErrorKind::auth, "refused").server_text("NO").to_string(), "refused (server said: \"NO\")");
}

TEST(ErrorTest, KeepsServerTextRawAndShowsItEscaped) {
  const Error error = Error(ErrorKind::auth, "refused").server_text("\x1b[2Jlast\r\nfake line");
  EXPECT_EQ(error.server_text(), "\x1b[2Jlast\r\nfake line");
  EXPECT_EQ(error.to_string(), "refused (server said: \"\\x1b[2Jlast\\x0d\\x0afake line\")");
}

TEST(ErrorTest, AMailboxNameCannotDriveTheTerminal) {
  const Error error = Error(ErrorKind::message, "cannot open \x1b]0;x\x07").at("IN\x1b[8mBOX\n");
  EXPECT_EQ(error.to_string(), "IN\\x1b[8mBOX\\x0a: cannot open \\x1b]0;x\\x07");
}

TEST(ErrorTest, LongServerTextIsCut) {
  const std::string text = Error(ErrorKind::auth, "refused").server_text(std::string(1'000'000, 'a')).to_string();
  EXPECT_LT(text.size(), 600u);
  EXPECT_TRUE(text.ends_with("…\")"));
}

TEST(ErrorTest, EveryKindHasItsName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) {
    names.insert(to_string(static_cast<ErrorKind>(kind)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::internal) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(ErrorTest, KindsDecideHowMuchStopsAndWhenToTryAgain) {
  const struct {
    ErrorKind kind;
    Scope scope;
    Retry retry;
  } table[] = {
      {ErrorKind::transient, Scope::account, Retry::backoff}, {ErrorKind::throttle, Scope::account, Retry::backoff},
      {ErrorKind::busy, Scope::mailbox, Retry::backoff},      {ErrorKind::message, Scope::message, Retry::never},
      {ErrorKind::auth, Scope::account, Retry::never},        {ErrorKind::not_found, Scope::mailbox, Retry::never},
      {ErrorKind::security, Scope::account, Retry::never},    {ErrorKind::store_full, Scope::process, Retry::never},
      {ErrorKind::protocol, Scope::account, Retry::backoff},  {ErrorKind::quota, Scope::account, Retry::never},
      {ErrorKind::cancelled, Scope::account, Retry::never},   {ErrorKind::internal, Scope::process, Retry::never},
  };
  for (const auto& row : table) {
    const Error error(row.kind, "x");
    EXPECT_EQ(error.scope(), row.scope) << to_string(row.kind);
    EXPECT_EQ(error.retry(), row.retry) << to_string(row.kind);
  }
}

TEST(ErrorTest, AStatedWaitIsAWaitUntil) {
  using namespace std::chrono_literals;
  const Error error = Error(ErrorKind::throttle, "slow down").retry_after(300s).scope(Scope::mailbox);
  EXPECT_EQ(error.retry(), Retry::wait_until);
  EXPECT_EQ(error.retry_after(), std::chrono::milliseconds(300s));
  EXPECT_EQ(error.scope(), Scope::mailbox);
  EXPECT_FALSE(Error(ErrorKind::throttle, "x").retry_after());
}

Result<int> half(int n) {
  if (n % 2 != 0) return fail(ErrorKind::usage, "odd");
  return n / 2;
}

TEST(ResultTest, IsAValueOrAReason) {
  EXPECT_EQ(half(4).value(), 2);
  const auto odd = half(3);
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().what(), "odd");
}

}  // namespace
}  // namespace postern
