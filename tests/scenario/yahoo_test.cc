// A server as Yahoo's: MESSAGELIMIT (RFC 9738), PARTIAL (RFC 9394), UIDONLY (RFC 9586), and without the latter a view
// of the newest messages alone.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

class YahooTest : public ::testing::Test {
 protected:
  YahooTest() { yahoo.offer({"UIDONLY", "PARTIAL", "MESSAGELIMIT=20"}); }

  void arrive(int messages, const std::string& mailbox = "INBOX") {
    for (int i = 0; i < messages; ++i) yahoo.append(mailbox, mail("number " + std::to_string(++arrived_)));
  }
  std::size_t held() { return s.postern.ls()["INBOX"].messages.size(); }
  /// The server's own word: whoever asks it by IMAP sees the newest alone.
  void expect_in_step() {
    EXPECT_EQ(difference(contents(yahoo.state()), contents(s.postern.ls())), "");
    EXPECT_EQ(s.postern.problems(), 0u);
    EXPECT_THAT(yahoo.violations(), ::testing::IsEmpty());
  }

  Scenario s{ServerKind::fake};
  FakeImapServer& yahoo = *s.source.fake();

 private:
  int arrived_ = 0;
};

TEST_F(YahooTest, AMailboxOfManyTimesTheLimitIsCopiedAndFollowed) {
  arrive(95);
  yahoo.create("Work");
  arrive(5, "Work");
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.source_commands("ENABLE QRESYNC UIDONLY"), 1u);
  expect_in_step();
  EXPECT_EQ(s.target.contents().at("INBOX").size(), 95u);

  yahoo.expunge("INBOX", {3, 50, 94});
  yahoo.store("INBOX", 7, "+FLAGS", {"\\Flagged"});
  arrive(30);
  EXPECT_CLEAN(s.sync());
  expect_in_step();
}

TEST_F(YahooTest, WithoutPartialTheLimitItselfLeadsThroughTheMailbox) {
  yahoo.withdraw({"PARTIAL"});
  arrive(95);
  EXPECT_CLEAN(s.sync());
  yahoo.expunge("INBOX", {3, 50, 94});
  for (std::uint32_t uid = 10; uid < 50; ++uid) yahoo.store("INBOX", uid, "+FLAGS", {"\\Flagged"});
  EXPECT_CLEAN(s.sync());
  expect_in_step();
}

TEST_F(YahooTest, WithoutModSequencesTheMailboxIsListedInPages) {
  yahoo.withdraw({"CONDSTORE", "QRESYNC"});
  arrive(65);
  EXPECT_CLEAN(s.sync());
  yahoo.expunge("INBOX", {3, 50});
  arrive(3);
  EXPECT_CLEAN(s.sync());
  expect_in_step();
}

TEST_F(YahooTest, WhatHasLeftACutViewIsNotTakenForGone) {
  s.postern.source.disable = {"UIDONLY"};
  arrive(50);
  SyncReport report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_THAT(report.problems, ::testing::HasSubstr("may show only the newest 20 messages"));
  EXPECT_EQ(s.source_commands("ENABLE QRESYNC UIDONLY"), 0u);
  EXPECT_EQ(held(), 20u);

  arrive(10);
  report = s.sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_EQ(report.source["vanished"], 0u) << report;
  EXPECT_EQ(held(), 30u) << "ten of them are no longer in view";

  yahoo.expunge("INBOX", {55});  // in view, and gone
  report = s.sync();
  EXPECT_EQ(report.source["vanished"], 1u) << report;
  EXPECT_EQ(held(), 29u);

  s.postern.source.disable = {};
  EXPECT_CLEAN(s.sync());
  expect_in_step();
}

}  // namespace
}  // namespace postern::testing
