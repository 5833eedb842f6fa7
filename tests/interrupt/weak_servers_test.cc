// Servers without UIDPLUS, LITERAL+, MULTIAPPEND and CONDSTORE, in all combinations, as target alone and on both sides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/wired/wired_world.h"

namespace postern::testing {
namespace {

const char* const kExtensions[] = {"UIDPLUS", "LITERAL+", "MULTIAPPEND", "CONDSTORE"};

class WeakServersTest : public ::testing::TestWithParam<std::tuple<unsigned, bool>>, public WiredWorld {
 protected:
  void SetUp() override {
    const auto [missing, both] = GetParam();
    std::set<std::string> gone;
    for (unsigned i = 0; i < std::size(kExtensions); ++i) {
      if ((missing >> i & 1) != 0) gone.insert(kExtensions[i]);
    }
    if (gone.contains("CONDSTORE")) gone.insert("QRESYNC");  // which cannot be without it
    target.withdraw(gone);
    if (both) source.withdraw(gone);
    options.flag_sweep = std::chrono::seconds(0);  // flags change in this pass, not in an hour's
  }
  void fill() {
    for (const GeneratedMailbox& mailbox : varied_account(21, 90)) {
      if (mailbox.name != "INBOX") source.create(mailbox.name);
      for (const GeneratedMail& mail : mailbox.messages) source.append(mailbox.name, mail);
    }
  }
  void expect_in_step() {
    const auto report = sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok)
        << (report.problems.empty() ? std::string() : report.problems.front().to_string());
    EXPECT_EQ(difference(), "");
    EXPECT_THAT(violations(), ::testing::IsEmpty());
  }
  void expect_quiet() {
    options.flag_sweep = std::chrono::hours(1);
    vault.writes = 0;
    const auto mark = target.mark();
    expect_in_step();
    EXPECT_EQ(vault.writes, 0u);
    EXPECT_EQ(mutations_since(mark), 0u);
    options.flag_sweep = std::chrono::seconds(0);
  }
};

TEST_P(WeakServersTest, CopiesFollowsAndRests) {
  fill();
  expect_in_step();
  expect_quiet();
  for (int i = 0; i < 3; ++i) source.append("INBOX", wired_mail("new " + std::to_string(i)), {"\\Draft"});
  source.append("INBOX", wired_mail("big", std::string(300'000, 'x')));
  source.create("Later/On");
  source.append("Later/On", wired_mail("twin"));
  source.append("Later/On", wired_mail("twin"));
  expect_in_step();
  const auto inbox = source.state().at("INBOX");
  const auto first = inbox.messages.front().uid, last = inbox.messages.back().uid;
  source.store("INBOX", first, "FLAGS", {"\\Flagged", "$Work"});
  source.store("INBOX", last, "+FLAGS", {"\\Seen", "\\Answered"});
  expect_in_step();
  source.store("INBOX", last, "-FLAGS", {"\\Seen"});
  source.append("INBOX", wired_mail("one more"));
  expect_in_step();
  expect_quiet();
}

std::string name_of(const ::testing::TestParamInfo<WeakServersTest::ParamType>& info) {
  const auto [missing, both] = info.param;
  std::string name = both ? "BothWithout" : "TargetWithout";
  for (unsigned i = 0; i < std::size(kExtensions); ++i) {
    if ((missing >> i & 1) != 0) name += i == 1 ? "LiteralPlus" : kExtensions[i];
  }
  return missing == 0 ? name + "Nothing" : name;
}

INSTANTIATE_TEST_SUITE_P(, WeakServersTest, ::testing::Combine(::testing::Range(0u, 16u), ::testing::Bool()), name_of);

}  // namespace
}  // namespace postern::testing
