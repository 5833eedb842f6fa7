#include "core/config/read_keyword_map.h"

#include <optional>
#include <string_view>

#include "core/base/bytes.h"
#include "core/mail/flag_set.h"

namespace postern::config {
namespace {

constexpr std::size_t kMostRules = 200;    // a target mailbox's record holds them all
constexpr std::size_t kLongestWord = 255;  // octets

/// What is wrong with a word that is to be a keyword; none: nothing.
std::optional<std::string> fault(std::string_view word) {
  if (word.starts_with('\\')) return "is a system flag; only keywords are mapped";
  if (!is_valid_flag(word)) return "is no keyword: one is of ASCII letters, digits and signs but ( ) { % * \" \\ ]";
  if (word.size() > kLongestWord) return "is longer than 255 octets";
  return std::nullopt;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> read_keyword_map(const Section& account, MistakeList& mistakes) {
  std::vector<std::pair<std::string, std::string>> rules;
  const YAML::Node map = account.find("keyword_map");
  if (!map.IsDefined() || map.IsNull()) return rules;
  if (!map.IsMap()) {
    account.error("keyword_map", "must be keywords and what they become, such as '{$Label1: Important}'");
    return rules;
  }
  if (map.size() > kMostRules) {
    account.error("keyword_map", "must not have more than 200 keywords");
    return rules;
  }
  const std::string path = account.path_of("keyword_map");
  for (const auto& item : map) {
    if (!item.first.IsScalar() || !item.second.IsScalar()) {
      mistakes.add(item.first.Mark(),
                   path + ": each keyword must be followed by the one it becomes, or by \"\" to leave it out");
      continue;
    }
    const std::string from = item.first.Scalar(), to = item.second.Scalar();
    if (const auto wrong = fault(from)) {
      mistakes.add(item.first.Mark(), path + ": '" + from + "' " + *wrong);
      continue;
    }
    if (const auto wrong = to.empty() ? std::nullopt : fault(to)) {
      mistakes.add(item.second.Mark(), path + "." + from + ": '" + to + "' " + *wrong);
      continue;
    }
    for (const auto& [earlier, target] : rules) {
      if (ascii_iequals(earlier, from)) {
        mistakes.add(item.first.Mark(), path + ": '" + from + "' stands there already; upper and lower case are one");
      }
    }
    rules.emplace_back(from, to);
  }
  return rules;
}

}  // namespace postern::config
