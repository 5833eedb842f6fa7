#include "daemon/wiring/copied_uids.h"

#include <algorithm>
#include <cstdint>
#include <unordered_set>

namespace postern::daemon {
namespace {

std::uint64_t count_of(const std::vector<UidRange>& ranges) {
  std::uint64_t count = 0;
  for (const UidRange& range : ranges) count += range.size();
  return count;
}

std::vector<std::uint32_t> in_order(const std::vector<UidRange>& ranges) {
  std::vector<std::uint32_t> uids;
  for (const UidRange& range : ranges) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) uids.push_back(static_cast<std::uint32_t>(uid));
  }
  return uids;
}

}  // namespace

std::vector<sync::MoveOutcome::Moved> believable_copies(const imap::CopyUid& stated, const UidSet& asked) {
  if (stated.uidvalidity.value() == 0) return {};
  const std::uint64_t count = count_of(stated.source);
  if (count > asked.size() || count_of(stated.target) != count) return {};
  const std::vector<std::uint32_t> from = in_order(stated.source), to = in_order(stated.target);
  std::unordered_set<std::uint32_t> left, arrived;
  std::vector<sync::MoveOutcome::Moved> moved;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!asked.contains(Uid(from[i])) || to[i] == 0) return {};
    if (!left.insert(from[i]).second || !arrived.insert(to[i]).second) return {};
    moved.push_back({Uid(from[i]), Uid(to[i])});
  }
  return moved;
}

}  // namespace postern::daemon
