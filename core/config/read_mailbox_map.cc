#include "core/config/read_mailbox_map.h"

#include <set>
#include <string>
#include <utility>

namespace postern::config {
namespace {

void read_rule(const Section& rule, std::set<std::string>& seen, MailboxRules& rules) {
  const auto from = rule.text("from");
  const auto match = rule.text("match");
  const std::string to = rule.required_text("to");
  if (rule.has("from") == rule.has("match")) {
    rule.error("must have either 'from', a mailbox's name, or 'match', a regular expression for names");
    return;
  }
  const bool merge = rule.boolean("merge").value_or(false);
  if (to.empty()) return;
  const auto add = [&](MailboxRule made) {
    made.merge(merge);
    rules.add(std::move(made));
  };
  if (from) {
    if (!seen.insert(*from).second) return rule.error("from", "an earlier rule has this name; the first one decides");
    add(MailboxRule::exact(*from, to));
  } else if (match) {
    auto made = MailboxRule::matching(*match, to);
    if (!made) return rule.error("match", made.error().what());
    add(*std::move(made));
  }
}

}  // namespace

MailboxRules read_mailbox_map(const Section& account, MistakeList& mistakes) {
  MailboxRules rules;
  const YAML::Node list = account.find("mailbox_map");
  if (!list.IsDefined() || list.IsNull()) return rules;
  if (!list.IsSequence()) {
    account.error("mailbox_map", "must be a list of rules such as '- {from: Old, to: New}'");
    return rules;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string path = account.path_of("mailbox_map") + "[" + std::to_string(i) + "]";
    const YAML::Node none(YAML::NodeType::Undefined);
    const Section rule(mistakes, path, "mailbox_map", list[i], none, list[i].Mark());
    read_rule(rule, seen, rules);
  }
  return rules;
}

}  // namespace postern::config
