// A message that breaks the connection, and a line that does: only the first is anybody's fault.

#include <gmock/gmock.h>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::AllOf;
using ::testing::HasSubstr;

class BlameTest : public PassTest {
 protected:
  BlameTest() { with_target = false; }
  std::size_t held(std::string_view name) const { return vault.present(name).size(); }
  void fill(const char* name, int messages) {
    if (std::string_view(name) != "INBOX") source.create(name);
    for (int i = 0; i < messages; ++i) source.append(name, mail(name + std::to_string(i)));
  }
  void break_every_body() {
    faults.choose([](std::string_view call) { return call == "source.body" ? Fault::cut_before : Fault::none; });
  }
  static std::string told(const PassReport& report) {
    std::string text = report.error ? report.error->to_string() : "";
    for (const Error& problem : report.problems) text += problem.to_string() + "\n";
    return text;
  }
  void expect_nobody_blamed(const PassReport& report, const char* name) {
    EXPECT_NE(report.state, PassReport::State::ok);
    EXPECT_EQ(report.quarantined, 0u);
    EXPECT_THAT(told(report), AllOf(HasSubstr(name), HasSubstr("connection reset")));
  }
  void expect_next_pass_completes() {
    source.quirks.cuts = source.quirks.cuts_at_once = UidSet();
    faults.clear();
    EXPECT_EQ(sync().state, PassReport::State::ok);
    expect_in_step();
  }
};

TEST_F(BlameTest, TheOnlyMessageOfAnAccountIsNotTold) {
  fill("INBOX", 1);
  source.quirks.cuts = {1};
  expect_nobody_blamed(sync(), "INBOX");
  EXPECT_LE(faults.calls_of("source.connect"), 8);
  expect_next_pass_completes();
}

TEST_F(BlameTest, ALineThatBreaksInEveryBodyBlamesNobody) {
  fill("INBOX", 300);
  break_every_body();
  expect_nobody_blamed(sync(), "INBOX");
  EXPECT_LE(faults.calls_of("source.connect"), 10);
  expect_next_pass_completes();
}

TEST_F(BlameTest, ALineThatBreaksFromSomeMomentOnBlamesNobody) {
  fill("INBOX", 300);
  fill("Work", 300);
  for (const int good : {1, 40, 299, 300, 301, 450, 598}) {
    SCOPED_TRACE(good);
    vault = VaultState();
    faults.choose([left = good](std::string_view call) mutable {
      return call == "source.body" && left-- <= 0 ? Fault::cut_before : Fault::none;
    });
    const auto report = sync();
    EXPECT_NE(report.state, PassReport::State::ok);
    EXPECT_EQ(report.quarantined, 0u);
    expect_next_pass_completes();
  }
}

TEST_F(BlameTest, OneAmongManyIsFoundWhereverItIs) {
  fill("INBOX", 3'000);
  for (const std::uint32_t guilty : {1u, 2u, 1'500u, 2'999u, 3'000u}) {
    SCOPED_TRACE(guilty);
    vault = VaultState();
    faults.forget_counts();
    source.quirks.cuts = {guilty};
    EXPECT_EQ(sync().quarantined, 1u);
    EXPECT_EQ(held("INBOX"), 2'999u);
    EXPECT_LE(faults.calls_of("source.connect"), 4) << "the witness costs no connection";
  }
}

TEST_F(BlameTest, TheFirstOfAMailboxIsFoundAlsoWhenTheCutComesAtOnce) {
  fill("INBOX", 3'000);
  source.quirks.cuts_at_once = {1};
  EXPECT_EQ(sync().quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 2'999u);
  EXPECT_LE(faults.calls_of("source.connect"), 16);
}

TEST_F(BlameTest, TwoAreFoundWhereverTheyAre) {
  fill("INBOX", 3'000);
  for (const UidSet& guilty : {UidSet{1, 2}, UidSet{1, 3'000}, UidSet{1, 1'501}, UidSet{2'998, 2'999}}) {
    SCOPED_TRACE(guilty.to_string());
    vault = VaultState();
    faults.forget_counts();
    source.quirks.cuts = guilty;
    EXPECT_EQ(sync().quarantined, 2u);
    EXPECT_EQ(held("INBOX"), 2'998u);
    EXPECT_LE(faults.calls_of("source.connect"), 8);
  }
}

TEST_F(BlameTest, TheLastTwoAreFoundOnceAnotherComes) {
  fill("INBOX", 300);
  source.quirks.cuts = {299, 300};
  expect_nobody_blamed(sync(), "INBOX");
  EXPECT_EQ(held("INBOX"), 298u);
  fill("INBOX", 1);
  EXPECT_EQ(sync().quarantined, 2u);
  EXPECT_EQ(held("INBOX"), 299u);
}

TEST_F(BlameTest, TheOnlyNewMessageIsFoundOnceAnotherComes) {
  fill("INBOX", 3);
  EXPECT_EQ(sync().state, PassReport::State::ok);
  fill("INBOX", 1);
  source.quirks.cuts = {4};
  expect_nobody_blamed(sync(), "INBOX");
  fill("INBOX", 1);
  EXPECT_EQ(sync().quarantined, 1u);
  EXPECT_EQ(held("INBOX"), 4u);
}

}  // namespace
}  // namespace postern::testing
