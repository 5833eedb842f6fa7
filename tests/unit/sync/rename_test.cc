// Mailboxes that change their names at a source with MAILBOXIDs: the vault follows, the target keeps what it has.

#include <algorithm>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using Kind = HistoryRecord::Kind;

class RenameTest : public PassTest {
 protected:
  RenameTest() {
    source.quirks.email_ids = true;
    source.create("A");
    source.create("B");
    for (int i = 0; i < 4; ++i) source.append("A", mail("a" + std::to_string(i)));
    for (int i = 0; i < 3; ++i) source.append("B", mail("b" + std::to_string(i)));
    sync();
    expect_in_step();
    restart_counts();
    source.bodies_sent = 0;
  }
  auto rows(Kind kind) const {
    return std::count_if(vault.history.begin(), vault.history.end(), [&](const auto& row) { return row.kind == kind; });
  }
  MailboxId id(std::string_view name) const { return vault.mailbox(name)->id; }
  std::size_t held(std::string_view name) const { return vault.present(name).size(); }
};

TEST_F(RenameTest, TheMailboxKeepsItsIdItsEntriesAndItsCursor) {
  const MailboxId a = id("A");
  source.rename("A", "Work/A", true);
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(id("Work/A"), a);
  EXPECT_EQ(vault.mailbox("A"), nullptr);
  EXPECT_EQ(held("Work/A"), 4u);
  EXPECT_EQ(rows(Kind::mailbox_renamed), 1);
  EXPECT_EQ(faults.calls_of("source.open"), 0);
  EXPECT_EQ(source.bodies_sent, 0u);
  expect_quiet();
}

TEST_F(RenameTest, TheTargetKeepsTheNameItWasGivenAndNothingIsSentTwice) {
  source.rename("A", "Work/A", true);
  sync();
  EXPECT_EQ(target.mutations, 0u);
  source.append("Work/A", mail("later"));
  EXPECT_EQ(sync().target->appended, 1u);
  EXPECT_EQ(target.box("A").messages.size(), 5u);
  EXPECT_FALSE(target.has("Work/A"));
  expect_quiet();
}

TEST_F(RenameTest, TwoMailboxesExchangeTheirNames) {
  const MailboxId a = id("A"), b = id("B");
  source.rename("A", "x", true);
  source.rename("B", "A", true);
  source.rename("x", "B", true);
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(id("A"), b);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(held("A"), 3u);
  EXPECT_EQ(source.bodies_sent, 0u);
  expect_quiet();
}

TEST_F(RenameTest, AnExchangeThatIsKilledInTheMiddleIsCarriedThrough) {
  const MailboxId a = id("A"), b = id("B");
  source.rename("A", "x", true);
  source.rename("B", "A", true);
  source.rename("x", "B", true);
  faults.at("vault.put_mailbox", 1, Fault::killed_after);
  EXPECT_FALSE(sync_or_die());
  faults.clear();
  sync();
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(id("A"), b);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(source.bodies_sent, 0u);
  expect_quiet();
}

TEST_F(RenameTest, TheNameGoesToANewMailboxWhichGetsOneOfItsOwnOnTheTarget) {
  const MailboxId a = id("A");
  source.rename("A", "Archive", true);
  source.create("A");
  source.append("A", mail("fresh"));
  const auto report = sync();
  EXPECT_EQ(report.state, sync::PassReport::State::ok);
  EXPECT_EQ(id("Archive"), a);
  EXPECT_NE(id("A"), a);
  EXPECT_EQ(held("A"), 1u);
  EXPECT_EQ(target.box("A").messages.size(), 4u);
  EXPECT_EQ(target.box("A (2)").messages.size(), 1u);
  source.append("A", mail("fresher"));
  sync();
  EXPECT_EQ(target.box("A (2)").messages.size(), 2u);
  expect_quiet();
}

TEST_F(RenameTest, TheNameOfADeletedMailboxIsTaken) {
  const MailboxId a = id("A");
  source.remove("B");
  source.rename("A", "B", true);
  EXPECT_EQ(sync().state, sync::PassReport::State::ok);
  EXPECT_EQ(id("B"), a);
  EXPECT_EQ(held("B"), 4u);
  EXPECT_EQ(source.bodies_sent, 0u);
  EXPECT_EQ(target.mutations, 0u);
  expect_quiet();
}

TEST_F(RenameTest, OneIdForEveryMailboxIsNotBelieved) {
  source.box("B").mailbox_id = source.box("A").mailbox_id;
  source.box("INBOX").mailbox_id = source.box("A").mailbox_id;
  const MailboxId a = id("A");
  source.rename("A", "C", true);
  sync();
  EXPECT_NE(id("C"), a);
  EXPECT_FALSE(vault.mailbox("A")->present);
  EXPECT_EQ(held("C"), 4u);
  EXPECT_EQ(held("B"), 3u);
  expect_quiet();
}

}  // namespace
}  // namespace postern::testing
