#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/config/load.h"

namespace postern::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

Loaded loaded(const std::string& map, const std::string& defaults = "") {
  return load_text("vault: {path: /v}\n" + defaults +
                       "accounts:\n  - name: alice\n    source: {host: h, user: u, password_env: P}\n" + map,
                   "p.yaml");
}

std::vector<std::pair<std::string, std::string>> rules(const std::string& map, const std::string& defaults = "") {
  const Loaded result = loaded(map, defaults);
  for (const Mistake& mistake : result.mistakes) ADD_FAILURE() << mistake.to_string();
  return result.config ? result.config->accounts.at(0).keyword_map : std::vector<std::pair<std::string, std::string>>();
}

std::vector<std::string> mistakes(const std::string& map) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : loaded(map).mistakes) lines.push_back(mistake.to_string());
  return lines;
}

TEST(KeywordMapConfig, IsReadInTheOrderOfTheFile) {
  EXPECT_THAT(rules("    keyword_map: {$Label1: Important, urgent: Important, NonJunk: ''}\n"),
              ElementsAre(Pair("$Label1", "Important"), Pair("urgent", "Important"), Pair("NonJunk", "")));
  EXPECT_TRUE(rules("").empty());
  EXPECT_TRUE(rules("    keyword_map:\n").empty());
}

TEST(KeywordMapConfig, AnAccountsOwnMapReplacesTheOneUnderDefaults) {
  const std::string defaults = "defaults: {keyword_map: {a: b, c: d}}\n";
  EXPECT_THAT(rules("", defaults), ElementsAre(Pair("a", "b"), Pair("c", "d")));
  EXPECT_THAT(rules("    keyword_map: {e: f}\n", defaults), ElementsAre(Pair("e", "f")));
  EXPECT_TRUE(rules("    keyword_map: {}\n", defaults).empty());
}

TEST(KeywordMapConfig, MistakesHaveTheirPlaces) {
  EXPECT_THAT(mistakes("    keyword_map: [a, b]\n"),
              ElementsAre("p.yaml:5:18: accounts[0].keyword_map: must be keywords and what they become, such as "
                          "'{$Label1: Important}'"));
  EXPECT_THAT(mistakes("    keyword_map: {\\Seen: Read}\n"),
              ElementsAre("p.yaml:5:19: accounts[0].keyword_map: '\\Seen' is a system flag; only keywords are mapped"));
  EXPECT_THAT(mistakes("    keyword_map: {Read: \\Seen}\n"),
              ElementsAre("p.yaml:5:25: accounts[0].keyword_map.Read: '\\Seen' is a system flag; only keywords are "
                          "mapped"));
  EXPECT_THAT(mistakes("    keyword_map: {a b: c}\n"), ElementsAre(HasSubstr("'a b' is no keyword")));
  EXPECT_THAT(mistakes("    keyword_map: {a: 'b*'}\n"),
              ElementsAre(HasSubstr("5:22: accounts[0].keyword_map.a: 'b*'")));
  EXPECT_THAT(mistakes("    keyword_map: {'': c}\n"), ElementsAre(HasSubstr("'' is no keyword")));
  EXPECT_THAT(mistakes("    keyword_map: {a: }\n"), ElementsAre(HasSubstr("or by \"\" to leave it out")));
  EXPECT_THAT(mistakes("    keyword_map: {a: [b]}\n"), ElementsAre(HasSubstr("or by \"\" to leave it out")));
  EXPECT_THAT(mistakes("    keyword_map: {$A: b, $a: c}\n"),
              ElementsAre("p.yaml:5:26: accounts[0].keyword_map: '$a' stands there already; upper and lower case are "
                          "one"));
  EXPECT_THAT(mistakes("    keyword_map: {a: " + std::string(256, 'x') + "}\n"),
              ElementsAre(HasSubstr("is longer than 255 octets")));
  std::string many = "    keyword_map:\n";
  for (int i = 0; i < 201; ++i) many += "      k" + std::to_string(i) + ": x\n";
  EXPECT_THAT(mistakes(many), ElementsAre(HasSubstr("more than 200 keywords")));
}

}  // namespace
}  // namespace postern::config
