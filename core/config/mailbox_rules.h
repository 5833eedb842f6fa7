#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace re2 {
class RE2;
}

namespace postern::config {

/// One rule of `mailbox_map`. Names are UTF-8 with the source's own delimiter, as `postern ls` shows them.
class MailboxRule {
 public:
  /// The mailbox `from` is called `to`, and everything below it goes along: with "Old" and "New", "Old/x" is "New/x".
  /// INBOX is compared without case, and goes alone.
  static MailboxRule exact(std::string from, std::string to);
  /// A name that RE2's `pattern` covers as a whole; in `to` "$1" … "$9" stand for what its groups matched, "$0" for the
  /// name, "$$" for "$". The time is linear in the name, whatever the pattern.
  static Result<MailboxRule> matching(const std::string& pattern, std::string to);

  std::optional<std::string> apply(std::string_view name, char delimiter) const;
  /// Whether what it names may be the name of other mailboxes too (`merge: true`).
  void merge(bool merge) { merge_ = merge; }
  bool merges() const { return merge_; }

 private:
  bool merge_ = false;
  std::string from_;
  std::shared_ptr<const re2::RE2> pattern_;  // instead of `from`
  std::string to_;
};

/// Under which names mailboxes go to the target: the first rule that fits decides.
class MailboxRules {
 public:
  void add(MailboxRule rule) { rules_.push_back(std::move(rule)); }
  bool empty() const { return rules_.empty(); }
  /// None: no rule fits. May be a name that cannot be one: empty, or INBOX for another mailbox.
  std::optional<std::string> apply(std::string_view name, char delimiter) const;
  /// Whether the rule that decides has the mailbox share its name on the target with others.
  bool merges(std::string_view name, char delimiter) const;

 private:
  std::vector<MailboxRule> rules_;
};

}  // namespace postern::config
