// A target with a quota: what does not fit is not sent, and follows when there is room.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using ::testing::HasSubstr;

Bytes large(const std::string& subject, std::size_t octets) {
  Bytes text = mail(subject);
  while (text.size() < octets) text += "A line of seventy octets that fills a message up to the size it needs.\r\n";
  return text;
}

TEST_P(ScenarioTest, WhatAQuotaHasNoRoomForWaitsUntilItIsRaised) {
  Scenario s(GetParam());
  s.target.set_quota(100'000);
  s.source.user().create("Work");
  s.source.user().append("INBOX", mail("before"));
  s.source.user().append("INBOX", large("large", 300'000));
  s.source.user().append("INBOX", mail("behind"));
  s.source.user().append("Work", large("middling", 50'000));
  const SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_EQ(report.target.at("appended"), 3u) << report;
  EXPECT_EQ(report.target.at("held"), 1u) << report;
  EXPECT_EQ(report.quarantined, 0u);
  EXPECT_THAT(report.problems, HasSubstr("does not fit and waits: its quota root"));
  EXPECT_THAT(report.problems, HasSubstr("raise its quota"));
  EXPECT_THAT(report.problems + report.log, ::testing::Not(HasSubstr("OVERQUOTA"))) << "the server never had to refuse";
  if (s.target.fake() != nullptr) {
    EXPECT_EQ(s.target_commands("GETQUOTAROOT"), 2u + 1u) << "once a mailbox, and again before the large one waits";
  }
  s.source.user().store("INBOX", "1", "+FLAGS", {"\\Flagged"});
  EXPECT_EQ(s.sync().target.at("flag_updates"), 1u) << "the rest goes on";

  s.target.set_quota(2'000'000);
  const SyncReport after = s.sync();
  EXPECT_CLEAN(after);
  EXPECT_EQ(after.target.at("appended"), 1u);
  EXPECT_EQ(s.differences(), "");
  EXPECT_EQ(s.sync().target.at("commands"), 0u);
  EXPECT_EQ(s.postern.problems(), 0u);
}

}  // namespace
}  // namespace postern::testing
