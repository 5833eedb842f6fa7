#include "core/sync/planner/keyword_map.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::sync {
namespace {

bool is_keyword(std::string_view flag) { return is_valid_flag(flag) && !flag.starts_with('\\'); }

}  // namespace

KeywordMap::KeywordMap(const Rules& rules) {
  for (const auto& [source, target] : rules) {
    if (!is_keyword(source) || (!target.empty() && !is_keyword(target))) continue;
    by_source_.push_back({source, target, by_source_.size()});
  }
  std::stable_sort(by_source_.begin(), by_source_.end(),
                   [](const Rule& a, const Rule& b) { return ascii_iless(a.source, b.source); });
  const auto same = [](const Rule& a, const Rule& b) { return ascii_iequals(a.source, b.source); };
  by_source_.erase(std::unique(by_source_.begin(), by_source_.end(), same), by_source_.end());
  std::erase_if(by_source_, [](const Rule& rule) { return rule.source == rule.target; });
  by_target_ = by_source_;
  std::stable_sort(by_target_.begin(), by_target_.end(),
                   [](const Rule& a, const Rule& b) { return ascii_iless(a.target, b.target); });
}

const KeywordMap::Rule* KeywordMap::rule_of(std::string_view source) const {
  const auto at =
      std::lower_bound(by_source_.begin(), by_source_.end(), source,
                       [](const Rule& rule, std::string_view word) { return ascii_iless(rule.source, word); });
  return at != by_source_.end() && ascii_iequals(at->source, source) ? &*at : nullptr;
}

std::pair<const KeywordMap::Rule*, const KeywordMap::Rule*> KeywordMap::rules_to(std::string_view target) const {
  const auto first =
      std::lower_bound(by_target_.begin(), by_target_.end(), target,
                       [](const Rule& rule, std::string_view word) { return ascii_iless(rule.target, word); });
  auto last = first;
  while (last != by_target_.end() && ascii_iequals(last->target, target)) ++last;
  return {by_target_.data() + (first - by_target_.begin()), by_target_.data() + (last - by_target_.begin())};
}

FlagSet KeywordMap::to_target(const FlagSet& flags) const {
  if (empty()) return flags;
  FlagSet mapped;
  for (const std::string& flag : flags) {
    const Rule* rule = rule_of(flag);
    mapped.insert(rule != nullptr ? rule->target : flag);
  }
  return mapped;
}

FlagSet KeywordMap::to_source(const FlagSet& flags) const {
  if (empty()) return flags;
  FlagSet mapped;
  for (const std::string& flag : flags) {
    const auto [first, last] = rules_to(flag);
    if (first != last) {
      const auto by_order = [](const Rule& a, const Rule& b) { return a.order < b.order; };
      mapped.insert(std::min_element(first, last, by_order)->source);
    } else if (rule_of(flag) == nullptr) {
      mapped.insert(flag);
    }
  }
  return mapped;
}

FlagDelta KeywordMap::to_source(const FlagDelta& delta) const {
  if (empty()) return delta;
  FlagDelta mapped{to_source(delta.add), {}};
  for (const std::string& flag : delta.remove) {
    const auto [first, last] = rules_to(flag);
    for (const Rule* rule = first; rule != last; ++rule) mapped.remove.insert(rule->source);
    if (rule_of(flag) == nullptr) mapped.remove.insert(flag);
  }
  return mapped;
}

std::string KeywordMap::canonical() const {
  std::string text;
  for (const Rule& rule : by_source_) {
    if (!text.empty()) text += ' ';
    text += ascii_lower(rule.source) + '(' + rule.target;  // "(" stands in no keyword
  }
  return text;
}

}  // namespace postern::sync
