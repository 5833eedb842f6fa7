#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mail/flag_set.h"

namespace postern::sync {

/// Which keyword of the source is which on the target (`keyword_map`), both ways. Keywords are compared without ASCII
/// case; system flags are never mapped. A keyword that comes out of the map is not put into it again. Several may
/// become one; one that becomes nothing is not carried over.
class KeywordMap {
 public:
  using Rules = std::vector<std::pair<std::string, std::string>>;  // source keyword, target keyword or ""
  KeywordMap() = default;
  /// Of two rules for one source keyword the first counts. Rules of a system flag, or with what is no keyword, are left
  /// out: the configuration refuses them.
  explicit KeywordMap(const Rules& rules);

  bool empty() const { return by_source_.empty(); }
  /// The source's flags in the target's words.
  FlagSet to_target(const FlagSet& flags) const;
  /// The target's flags in the source's words, such that to_target() of the result is `flags` again, as far as the
  /// source can say it: a keyword that several become is the one of the first rule, and one that the source's own
  /// would be turned away from has no word there and is left out.
  FlagSet to_source(const FlagSet& flags) const;
  /// A change that was made on the target, as the source is told it: what is taken away goes in all the words that
  /// become it.
  FlagDelta to_source(const FlagDelta& delta) const;
  /// One text for all maps that do the same.
  std::string canonical() const;

 private:
  struct Rule {
    std::string source;
    std::string target;
    std::size_t order = 0;
  };
  const Rule* rule_of(std::string_view source) const;
  /// The rules that give `target`, in the order of their source keywords.
  std::pair<const Rule*, const Rule*> rules_to(std::string_view target) const;

  std::vector<Rule> by_source_;
  std::vector<Rule> by_target_;
};

}  // namespace postern::sync
