#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

Bytes with_id(std::string_view id, std::string_view text) {
  Bytes header = id.empty() ? Bytes() : "Message-ID: <" + std::string(id) + ">\r\n";
  return header + "From: a@example.org\r\nSubject: s\r\n\r\n" + std::string(text) + "\r\n";
}

/// As mbsync copies a message.
Bytes copied_by_mbsync(const Bytes& octets) {
  Bytes copy = octets;
  return copy.insert(copy.find("\r\n\r\n") + 2, "X-TUID: abcDEF012+/z\r\n");
}

/// A target that holds mail before Postern meets it.
class Adoption : public PassTest {
 protected:
  /// At the target, with a date of its own: what it is has to be hashed.
  void there(const Bytes& octets, std::string_view name = "INBOX") {
    target.box(name).append(octets, {}, {1'600'000'000 + ++serial_, 0});
  }
  std::size_t at_target(std::string_view name = "INBOX") { return target.box(name).messages.size(); }
  std::int64_t serial_ = 0;
};

TEST_F(Adoption, AfterALostVaultEverythingIsAdoptedAndNothingAppended) {
  for (int i = 0; i < 150; ++i) source.append("INBOX", mail("m" + std::to_string(i)), {"\\Seen"});
  sync();
  vault = VaultState();
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 150u);
  EXPECT_EQ(report.target->appended, 0u);
  expect_in_step();
  expect_quiet();
}

TEST_F(Adoption, TwoDifferentMessagesWithOneMessageIdEachFindTheirOwn) {
  for (const char* text : {"one", "two"}) source.append("INBOX", with_id("same@example.org", text));
  there(with_id("same@example.org", "two"));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 1u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(target.box("INBOX").messages.at(Uid(2)).octets, with_id("same@example.org", "one"));
  source.box("INBOX").store(Uid(2), {"\\Flagged"});
  sync();
  EXPECT_EQ(target_flags("INBOX", 1), (FlagSet{"\\Flagged"}));
  EXPECT_EQ(target_flags("INBOX", 2), FlagSet());
  expect_quiet();
}

TEST_F(Adoption, MessagesWithoutAMessageIdAreToldApartByTheirOctets) {
  for (const char* text : {"aaa", "bbb", "ccc"}) source.append("INBOX", with_id("", text));
  for (const char* text : {"ccc", "ddd", "aaa"}) there(with_id("", text));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 2u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(at_target(), 4u);
  expect_quiet();
}

TEST_F(Adoption, OfThreeIdenticalCopiesEachIsBoundOnce) {
  for (int i = 0; i < 3; ++i) source.append("INBOX", mail("same"));
  for (int i = 0; i < 2; ++i) there(mail("same"));
  auto report = sync();
  EXPECT_EQ(report.target->adopted, 2u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(at_target(), 3u);
  expect_quiet();
}

TEST_F(Adoption, WhatIsHashedIsHashedInWindowsEachDurable) {
  for (int i = 0; i < 1'200; ++i) {
    source.append("INBOX", mail("m" + std::to_string(i)));
    there(mail("m" + std::to_string(i)));
  }
  options.reconnects = 0;
  faults.at("target.digests", 3, Fault::cut_before);
  EXPECT_EQ(sync().target->adopted, 1'000u);
  faults.clear();
  faults.forget_counts();
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 200u);
  EXPECT_EQ(report.target->appended, 0u);
  EXPECT_EQ(faults.calls_of("target.digests"), 1) << "what was bound is not downloaded again";
  EXPECT_EQ(at_target(), 1'200u);
  expect_quiet();
}

TEST_F(Adoption, ABodyThatIsNotHandedOutHoldsBackOnlyWhatItMayBe) {
  for (const char* text : {"one", "two", "six"}) source.append("INBOX", mail("s", text));
  source.append("INBOX", mail("new"));
  source.append("INBOX", mail("three"));
  for (const char* text : {"one", "two"}) there(mail("s", text));
  there(mail("three"));
  target.quirks.refused = {2};
  auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("does not hand out its UIDs 2"));
  EXPECT_EQ(report.target->adopted, 2u);
  EXPECT_EQ(report.target->held, 2u) << "\"two\" and \"six\" have its header and size";
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(at_target(), 4u);
  report = sync();
  EXPECT_EQ(report.target->appended, 0u) << "and is not sent by a later pass either";
  target.quirks.refused = {};
  report = sync();
  EXPECT_EQ(report.target->adopted, 1u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(at_target(), 5u);
  expect_quiet();
}

TEST_F(Adoption, WhatMbsyncCopiedIsAdoptedAlthoughItAddedALine) {
  for (int i = 0; i < 5; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
  for (int i = 0; i < 4; ++i) there(copied_by_mbsync(mail("m" + std::to_string(i))));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::ok);
  EXPECT_EQ(report.target->adopted, 4u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(report.quirks.at("altered_copy"), 4u);
  EXPECT_EQ(at_target(), 5u);
  expect_quiet();
}

TEST_F(Adoption, AnotherMessageIsNotTakenForAnAlteredCopyHoweverLikeItLooks) {
  source.append("INBOX", mail("s", "monday"));
  there(copied_by_mbsync(mail("s", "friday")));
  there(mail("s", "monday" + std::string(22, '!')));
  const auto report = sync();
  EXPECT_EQ(report.target->adopted, 0u);
  EXPECT_EQ(report.target->appended, 1u);
  EXPECT_EQ(at_target(), 3u);
}

TEST_F(Adoption, AnUnreadableMessageThatMayBeALostAppendIsNeverSentAgain) {
  source.box("INBOX").append(mail("one"), {}, {0, 0});  // without a date only its octets can tell
  faults.at("target.append", 1, Fault::cut_after);
  target.quirks.refused = {1};
  auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(at_target(), 1u);
  faults.clear();
  target.quirks.refused = {};
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(at_target(), 1u);
  expect_quiet();
}

TEST_F(Adoption, KilledAtAnyStepItDoublesNothing) {
  for (int call = 1; call < 80; ++call) {
    SCOPED_TRACE(call);
    World world;
    for (int i = 0; i < 6; ++i) {
      const Bytes octets = mail("m" + std::to_string(i));
      world.source.append("INBOX", octets);
      if (i < 4) world.target.box("INBOX").append(i % 2 ? octets : copied_by_mbsync(octets), {}, {1'600'000'000, 0});
    }
    world.faults.at(static_cast<std::uint64_t>(call), call % 2 ? Fault::killed_before : Fault::killed_after);
    world.sync_or_die();
    world.faults.clear();
    world.sync();
    EXPECT_EQ(world.target.box("INBOX").messages.size(), 6u);
  }
}

}  // namespace
}  // namespace postern::testing
