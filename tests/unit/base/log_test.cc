#include "core/base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;

/// Restores the process's logging for the tests that follow.
class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { log::configure(log::Level::warning, log::Format::text); }

  static std::string logged(log::Level level, std::string_view text) {
    ::testing::internal::CaptureStderr();
    log::write(level, text);
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, TextIsOneLineWithTimeAndLevel) {
  log::configure(log::Level::info, log::Format::text);
  EXPECT_THAT(logged(log::Level::info, "hello"),
              MatchesRegex("[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z info hello\n"));
}

TEST_F(LogTest, ServerTextCannotForgeALine) {
  log::configure(log::Level::info, log::Format::text);
  const std::string line = logged(log::Level::warning, "a\n2026-01-01T00:00:00.000Z error \x1b[2J%v {}");
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_THAT(line, EndsWith(" a\\x0a2026-01-01T00:00:00.000Z error \\x1b[2J%v {}\n"));
}

TEST_F(LogTest, JsonQuotesWhatItMust) {
  log::configure(log::Level::info, log::Format::json);
  EXPECT_THAT(logged(log::Level::error, "say \"hi\" \\ \n\x80"),
              EndsWith(R"("level":"error","message":"say \"hi\" \\ \\x0a\\x80"})"
                       "\n"));
  EXPECT_THAT(logged(log::Level::info, "x"), MatchesRegex("\\{\"time\":\"[-0-9T:.]+Z\",\"level\":\"info\",.*\\}\n"));
}

TEST_F(LogTest, GoesBackToText) {
  log::configure(log::Level::info, log::Format::json);
  log::configure(log::Level::info, log::Format::text);
  EXPECT_THAT(logged(log::Level::info, "say \"hi\""), EndsWith(" info say \"hi\"\n"));
}

TEST_F(LogTest, KeepsToItsLevel) {
  log::configure(log::Level::warning, log::Format::text);
  EXPECT_EQ(logged(log::Level::info, "not this"), "");
  EXPECT_NE(logged(log::Level::warning, "this"), "");
  log::configure(log::Level::off, log::Format::text);
  EXPECT_EQ(logged(log::Level::error, "nothing"), "");
}

TEST_F(LogTest, ARecordIsBounded) { EXPECT_LT(logged(log::Level::error, std::string(1'000'000, 'x')).size(), 5'000u); }

}  // namespace
}  // namespace postern
