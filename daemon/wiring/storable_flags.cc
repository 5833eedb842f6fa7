#include "daemon/wiring/storable_flags.h"

#include <string_view>

namespace postern::daemon {

FlagSet storable_flags(const FlagSet& wanted, const FlagSet& permanent, bool any_keyword) {
  FlagSet kept;
  for (const auto& flag : wanted) {
    if (!is_valid_flag(flag)) continue;
    const bool keyword = !flag.starts_with('\\');
    if (permanent.contains(flag) || (keyword && any_keyword)) kept.insert(flag);
  }
  return kept;
}

FlagSet storable_flags(const FlagSet& wanted) {
  static const FlagSet kSystem = {"\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"};
  return storable_flags(wanted, kSystem, true);
}

}  // namespace postern::daemon
