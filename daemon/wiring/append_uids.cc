#include "daemon/wiring/append_uids.h"

namespace postern::daemon {

std::vector<Uid> believable_uids(const imap::AppendUid& stated, std::size_t count, UidValidity uidvalidity,
                                 std::uint32_t uidnext) {
  const bool known = uidvalidity.value() != 0;
  if (stated.uidvalidity.value() == 0 || (known && stated.uidvalidity != uidvalidity)) return {};
  if (stated.count() != count) return {};
  std::vector<Uid> uids;
  uids.reserve(count);
  std::uint64_t least = known && uidnext != 0 ? uidnext : 1;
  for (const UidRange& range : stated.uids) {
    if (range.first < least) return {};
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) uids.emplace_back(static_cast<std::uint32_t>(uid));
    least = std::uint64_t{range.last} + 1;
  }
  return uids;
}

}  // namespace postern::daemon
