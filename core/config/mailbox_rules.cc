#include "core/config/mailbox_rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/bytes.h"

namespace postern::config {
namespace {

constexpr int kGroups = 10;                // $0 … $9
constexpr std::int64_t kMemory = 1 << 20;  // octets that one pattern's automaton may take

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The highest group that `to` names; or what is wrong with it.
Result<int> highest_group(std::string_view to) {
  int highest = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] != '$') continue;
    ++i;
    if (i == to.size() || (to[i] != '$' && !is_digit(to[i]))) {
      return fail(ErrorKind::config, "in the replacement '$' must be followed by a digit, or by '$' for itself");
    }
    if (is_digit(to[i])) highest = std::max(highest, to[i] - '0');
  }
  return highest;
}

std::string filled_in(std::string_view to, const std::array<re2::StringPiece, kGroups>& groups) {
  std::string out;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] != '$') {
      out += to[i];
    } else if (is_digit(to[++i])) {
      const re2::StringPiece& group = groups[static_cast<std::size_t>(to[i] - '0')];
      out.append(group.data() == nullptr ? "" : group.data(), group.size());
    } else {
      out += '$';
    }
  }
  return out;
}

}  // namespace

MailboxRule MailboxRule::exact(std::string from, std::string to) {
  MailboxRule rule;
  rule.from_ = std::move(from);
  rule.to_ = std::move(to);
  return rule;
}

Result<MailboxRule> MailboxRule::matching(const std::string& pattern, std::string to) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  MailboxRule rule;
  auto compiled = std::make_shared<const RE2>(pattern, options);
  if (!compiled->ok()) return fail(ErrorKind::config, "the regular expression cannot be used: " + compiled->error());
  const auto highest = highest_group(to);
  if (!highest) return fail(highest.error());
  if (*highest > compiled->NumberOfCapturingGroups()) {
    return fail(ErrorKind::config, "the replacement names $" + std::to_string(*highest) + ", but the expression has " +
                                       std::to_string(compiled->NumberOfCapturingGroups()) + " groups");
  }
  rule.pattern_ = std::move(compiled);
  rule.to_ = std::move(to);
  return rule;
}

std::optional<std::string> MailboxRule::apply(std::string_view name, char delimiter) const {
  if (pattern_) {
    std::array<re2::StringPiece, kGroups> groups;
    const re2::StringPiece text(name.data(), name.size());
    const int wanted = std::min(kGroups, pattern_->NumberOfCapturingGroups() + 1);
    if (!pattern_->Match(text, 0, text.size(), RE2::ANCHOR_BOTH, groups.data(), wanted)) return std::nullopt;
    return filled_in(to_, groups);
  }
  if (ascii_iequals(from_, "INBOX")) return ascii_iequals(name, from_) ? std::optional(to_) : std::nullopt;
  if (name == from_) return to_;
  const bool below =
      delimiter != '\0' && name.size() > from_.size() && name.starts_with(from_) && name[from_.size()] == delimiter;
  return below ? std::optional(to_ + std::string(name.substr(from_.size()))) : std::nullopt;
}

std::optional<std::string> MailboxRules::apply(std::string_view name, char delimiter) const {
  for (const MailboxRule& rule : rules_) {
    if (auto to = rule.apply(name, delimiter)) return to;
  }
  return std::nullopt;
}

bool MailboxRules::merges(std::string_view name, char delimiter) const {
  const auto decides = std::find_if(rules_.begin(), rules_.end(),
                                    [&](const MailboxRule& rule) { return rule.apply(name, delimiter).has_value(); });
  return decides != rules_.end() && decides->merges();
}

}  // namespace postern::config
