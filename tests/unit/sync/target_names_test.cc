// Under which names mailboxes arrive on a target, and whether they are subscribed there.

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using ::testing::HasSubstr;
using State = sync::PassReport::State;

class TargetNamesTest : public PassTest {};

TEST_F(TargetNamesTest, SubscriptionsFollowOnceAndAPersonsOwnChangeStays) {
  source.create("A");
  source.create("B").subscribed = false;
  sync();
  EXPECT_TRUE(target.box("A").subscribed);
  EXPECT_FALSE(target.box("B").subscribed);
  expect_quiet();

  source.box("A").subscribed = false;
  source.box("B").subscribed = true;
  restart_counts();
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(target.mutations, 2u);
  EXPECT_FALSE(target.box("A").subscribed);
  EXPECT_TRUE(target.box("B").subscribed);
  expect_quiet();

  target.box("A").subscribed = true;
  target.box("B").subscribed = false;
  source.append("A", mail("news"));
  source.append("B", mail("news"));
  sync();
  EXPECT_TRUE(target.box("A").subscribed);
  EXPECT_FALSE(target.box("B").subscribed);
  source.box("B").subscribed = false;  // what the target has already
  restart_counts();
  sync();
  EXPECT_EQ(target.mutations, 0u);
  expect_quiet();
}

TEST_F(TargetNamesTest, ASubscriptionWhoseAnswerIsLostIsCarriedThrough) {
  source.create("A").subscribed = false;
  sync();
  source.box("A").subscribed = true;
  restart_counts();
  faults.at("target.subscribe", 1, Fault::killed_after);
  EXPECT_FALSE(sync_or_die());
  faults.clear();
  restart_counts();
  sync();
  EXPECT_EQ(target.mutations, 0u) << "it was done";
  EXPECT_TRUE(target.box("A").subscribed);
  expect_quiet();
}

TEST_F(TargetNamesTest, AMailboxThatIsMadeAgainIsSubscribedAgain) {
  source.create("A");
  sync();
  target.remove("A");
  source.append("A", mail("news"));
  sync();
  EXPECT_TRUE(target.box("A").subscribed);
  expect_quiet();
}

TEST_F(TargetNamesTest, NamesOfTheConfiguration) {
  options.maps = [](std::string_view name, char) -> std::optional<std::string> {
    if (name.starts_with("Old")) return "Attic" + std::string(name.substr(3));
    return name == "Kept" ? std::optional<std::string>("Mine") : std::nullopt;
  };
  source.quirks.email_ids = true;
  source.create("Old");
  source.create("Old/x");
  source.create("Kept");
  source.append("Old/x", mail("one"));
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(target.box("Attic/x").messages.size(), 1u);
  EXPECT_TRUE(target.has("Mine"));
  EXPECT_FALSE(target.has("Old"));
  expect_quiet();
  source.rename("Old", "Older", true);
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(target.box("Atticer/x").messages.size(), 1u);
  expect_quiet();
}

TEST_F(TargetNamesTest, ARenameThatTheConfigurationLevelsOutIsNone) {
  options.maps = [](std::string_view name, char) -> std::optional<std::string> {
    return name == "INBOX" ? std::nullopt : std::optional<std::string>("One");
  };
  source.quirks.email_ids = true;
  source.create("A");
  source.append("A", mail("one"));
  sync();
  source.rename("A", "B", true);
  source.append("B", mail("two"));
  restart_counts();
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(faults.calls_of("target.rename"), 0);
  EXPECT_EQ(target.box("One").messages.size(), 2u);
  expect_quiet();
}

TEST_F(TargetNamesTest, TwoMailboxesThatTheConfigurationCallsAlikeAreHeldApart) {
  options.maps = [](std::string_view name, char) -> std::optional<std::string> {
    return name == "INBOX" ? std::nullopt : std::optional<std::string>("One");
  };
  source.create("A");
  source.create("B");
  source.append("A", mail("a"));
  source.append("B", mail("b"));
  const auto report = sync();
  EXPECT_EQ(report.state, State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("\"One\" is taken by \"A\""));
  EXPECT_EQ(target.box("One").messages.size(), 1u);
}

TEST_F(TargetNamesTest, ANameThatCannotBeOneIsReported) {
  options.maps = [](std::string_view name, char) -> std::optional<std::string> {
    return name == "A" ? std::optional<std::string>("") : std::nullopt;
  };
  source.create("A");
  const auto report = sync();
  EXPECT_EQ(report.state, State::attention);
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("A: the mailbox can have no name on the target"));
}

TEST_F(TargetNamesTest, OnACaseInsensitiveTargetTheSecondSpellingIsHeld) {
  target.quirks.case_insensitive = true;
  source.create("Work");
  source.create("work");
  source.create("WÖRK/Ä");
  source.create("wörk/ä");
  for (const char* name : {"Work", "work", "WÖRK/Ä", "wörk/ä"}) source.append(name, mail(name));
  const auto report = sync();
  EXPECT_EQ(report.state, State::attention);
  ASSERT_EQ(report.problems.size(), 2u);
  EXPECT_THAT(report.problems.front().to_string(), HasSubstr("the target does not tell"));
  std::size_t copied = 0;
  for (const auto& [name, box] : target.boxes()) {
    EXPECT_LE(box.messages.size(), 1u) << name << ": two mailboxes never meet in one";
    copied += box.messages.size();
  }
  EXPECT_EQ(copied, 2u);
  EXPECT_EQ(sync().state, State::attention) << "until somebody gives one another name";
  options.maps = [](std::string_view name, char) -> std::optional<std::string> {
    if (name == "work") return "work 2";
    return name == "wörk/ä" ? std::optional<std::string>("wörk/ä 2") : std::nullopt;
  };
  // Either of a pair may have come first.
  const bool lower_first = target.has("work") || target.has("wörk/ä");
  if (!lower_first) EXPECT_EQ(sync().state, State::ok);
}

TEST_F(TargetNamesTest, ACaseSensitiveTargetTakesBothSpellings) {
  source.create("Work");
  source.create("work");
  source.append("Work", mail("a"));
  source.append("work", mail("b"));
  EXPECT_EQ(sync().state, State::ok);
  expect_in_step();
  expect_quiet();
}

TEST_F(TargetNamesTest, TheTargetsOwnSpellingIsTakenWhereNobodyElseGoes) {
  target.quirks.case_insensitive = true;
  target.create("ARCHIVE 2020");
  target.append("ARCHIVE 2020", mail("one"));
  source.create("Archive 2020");
  source.append("Archive 2020", mail("one"));
  source.append("Archive 2020", mail("two"));
  const auto report = sync();
  EXPECT_EQ(report.state, State::ok);
  EXPECT_EQ(report.target->adopted, 1u);
  EXPECT_EQ(target.box("ARCHIVE 2020").messages.size(), 2u);
  expect_quiet();
}

TEST_F(TargetNamesTest, BlanksThatTheTargetTakesAwayAreEscaped) {
  target.quirks.trims_names = true;
  source.create("a ");
  source.create("a");
  source.create("b  c");
  for (const char* name : {"a ", "a", "b  c"}) source.append(name, mail(name));
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(target.box("a=20").messages.size(), 1u);
  EXPECT_EQ(target.box("a").messages.size(), 1u);
  EXPECT_EQ(target.box("b =20c").messages.size(), 1u);
  expect_quiet();
}

TEST_F(TargetNamesTest, ARefusedNameIsEscapedAndFoundAgain) {
  target.quirks.refuses_name = ".";
  source.create("v1.2/x");
  source.append("v1.2/x", mail("one"));
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_EQ(target.box("v1=2E2/x").messages.size(), 1u);
  expect_quiet();
}

TEST_F(TargetNamesTest, ACreateWhoseAnswerWasLostAndIsThenRefusedPlainlyMakesNoSecondMailbox) {
  target.quirks.plain_no_to_create = true;
  source.append(source.create("v1.2").name.display(), mail("one"));
  faults.at("target.create", 1, Fault::cut_after);
  EXPECT_EQ(sync().state, State::ok);
  EXPECT_TRUE(target.has("v1.2"));
  EXPECT_FALSE(target.has("v1=2E2"));
  expect_in_step();
  expect_quiet();
}

}  // namespace
}  // namespace postern::testing
