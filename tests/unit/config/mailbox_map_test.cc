#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "core/config/load.h"
#include "core/config/mailbox_rules.h"

namespace postern::config {
namespace {

using ::testing::ElementsAre;

Loaded loaded(const std::string& rules) {
  return load_text(
      "vault: {path: /v}\naccounts:\n  - name: alice\n    source: {host: h, user: u, password_env: P}\n" + rules,
      "p.yaml");
}

MailboxRules rules(const std::string& text) {
  const Loaded result = loaded("    mailbox_map:\n" + text);
  for (const Mistake& mistake : result.mistakes) ADD_FAILURE() << mistake.to_string();
  return result.config ? result.config->accounts.at(0).mailbox_map : MailboxRules();
}

std::vector<std::string> mistakes(const std::string& text) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : loaded(text).mistakes) lines.push_back(mistake.to_string());
  return lines;
}

TEST(MailboxMap, AnExactRuleTakesWhatIsBelowAlong) {
  const MailboxRules map = rules("      - {from: Old, to: New/Place}\n");
  EXPECT_EQ(map.apply("Old", '/'), "New/Place");
  EXPECT_EQ(map.apply("Old/x/y", '/'), "New/Place/x/y");
  EXPECT_EQ(map.apply("Old.x", '.'), "New/Place.x");
  EXPECT_EQ(map.apply("Older", '/'), std::nullopt);
  EXPECT_EQ(map.apply("old", '/'), std::nullopt);
  EXPECT_EQ(map.apply("A/Old", '/'), std::nullopt);
  EXPECT_EQ(map.apply("Old/x", '\0'), std::nullopt) << "a flat server has nothing below";
}

TEST(MailboxMap, InboxGoesAloneAndInAnyCase) {
  const MailboxRules map = rules("      - {from: inbox, to: Alice}\n");
  EXPECT_EQ(map.apply("INBOX", '.'), "Alice");
  EXPECT_EQ(map.apply("INBOX.Sent", '.'), std::nullopt);
}

TEST(MailboxMap, AnExpressionCoversTheWholeNameAndItsGroupsAreFilledIn) {
  const MailboxRules map = rules(R"(      - {match: '([^/]+)/(\d{4})/?(.*)', to: 'By year/$2/$1 $$$3'}
      - {match: '(?i)müll.*', to: '[$0]'}
)");
  EXPECT_EQ(map.apply("Work/2024", '/'), "By year/2024/Work $");
  EXPECT_EQ(map.apply("Work/2024/x", '/'), "By year/2024/Work $x");
  EXPECT_EQ(map.apply("My Work/20245", '/'), "By year/2024/My Work $5");
  EXPECT_EQ(map.apply("x/Work/2024", '/'), std::nullopt);
  EXPECT_EQ(map.apply("MÜLLTONNE", '/'), "[MÜLLTONNE]");
}

TEST(MailboxMap, TheFirstRuleThatFitsDecides) {
  const MailboxRules map =
      rules("      - {from: A/B, to: one}\n      - {match: 'A/.*', to: two}\n      - {from: A, to: three}\n");
  EXPECT_EQ(map.apply("A/B", '/'), "one");
  EXPECT_EQ(map.apply("A/B/C", '/'), "one/C");
  EXPECT_EQ(map.apply("A/C", '/'), "two");
  EXPECT_EQ(map.apply("A", '/'), "three");
  EXPECT_EQ(map.apply("B", '/'), std::nullopt);
}

TEST(MailboxMap, ANameFromAHostileServerCostsLinearTime) {
  const MailboxRules map =
      rules("      - {match: '(a*)*(a*)*(a|a)*b', to: x}\n      - {match: '(.*)(.*)(.*)!', to: x}\n");
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(map.apply(std::string(1'000'000, 'a'), '/'), std::nullopt);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20)) << "backtracking would take for ever";
}

TEST(MailboxMap, TheRuleThatDecidesSaysWhetherToMerge) {
  const MailboxRules map = rules(
      "      - {from: A/B, to: one}\n      - {match: 'A/.*', to: all, merge: true}\n      - {from: C, to: all, merge: "
      "false}\n");
  EXPECT_FALSE(map.merges("A/B", '/'));
  EXPECT_TRUE(map.merges("A/C", '/'));
  EXPECT_FALSE(map.merges("C", '/'));
  EXPECT_FALSE(map.merges("D", '/'));
}

TEST(MailboxMap, MistakesHaveTheirPlaces) {
  const std::string rule = "    mailbox_map:\n      - ";
  EXPECT_THAT(mistakes(rule + "{match: 'a(b', to: x}\n"),
              ElementsAre("p.yaml:6:17: accounts[0].mailbox_map[0].match: the regular expression cannot be used: "
                          "missing ): a(b"));
  EXPECT_THAT(mistakes(rule + "{match: 'a(b)', to: '$2'}\n"),
              ElementsAre("p.yaml:6:17: accounts[0].mailbox_map[0].match: the replacement names $2, but the expression "
                          "has 1 groups"));
  EXPECT_THAT(mistakes(rule + "{match: 'a', to: '5 $'}\n"),
              ElementsAre("p.yaml:6:17: accounts[0].mailbox_map[0].match: in the replacement '$' must be followed by a "
                          "digit, or by '$' for itself"));
  EXPECT_THAT(mistakes(rule + "{from: A}\n"),
              ElementsAre("p.yaml:6:9: accounts[0].mailbox_map[0]: the key 'to' is missing"));
  EXPECT_THAT(mistakes(rule + "{from: A, match: A, to: B}\n"),
              ElementsAre("p.yaml:6:9: accounts[0].mailbox_map[0]: must have either 'from', a mailbox's name, or "
                          "'match', a regular expression for names"));
  EXPECT_THAT(mistakes(rule + "{from: A, to: B}\n      - {from: A, to: C}\n"),
              ElementsAre("p.yaml:7:16: accounts[0].mailbox_map[1].from: an earlier rule has this name; the first one "
                          "decides"));
  EXPECT_THAT(mistakes(rule + "{from: A, to: B, merge: perhaps}\n").size(), 1u);
  EXPECT_THAT(mistakes(rule + "{form: A, to: B}\n").size(), 2u);
  EXPECT_THAT(mistakes("    mailbox_map: {A: B}\n"),
              ElementsAre("p.yaml:5:18: accounts[0].mailbox_map: must be a list of rules such as '- {from: Old, to: "
                          "New}'"));
}

TEST(MailboxMap, AnAccountsOwnListReplacesTheOneUnderDefaults) {
  const std::string text =
      "vault: {path: /v}\ndefaults: {mailbox_map: [{from: A, to: B}]}\naccounts:\n"
      "  - {name: a, source: {host: h, user: u, password_env: P}}\n"
      "  - {name: b, source: {host: h, user: v, password_env: P}, mailbox_map: [{from: C, to: D}]}\n";
  const Loaded result = load_text(text, "p.yaml");
  ASSERT_TRUE(result.config.has_value());
  EXPECT_EQ(result.config->accounts[0].mailbox_map.apply("A", '/'), "B");
  EXPECT_EQ(result.config->accounts[1].mailbox_map.apply("A", '/'), std::nullopt);
  EXPECT_EQ(result.config->accounts[1].mailbox_map.apply("C", '/'), "D");
}

}  // namespace
}  // namespace postern::config
