#include "core/sync/planner/doubt.h"

#include <algorithm>

namespace postern::sync {
namespace {

using std::chrono::hours;

constexpr auto kClosely = hours(1);
constexpr auto kWatched = hours(24);
constexpr std::uint32_t kOksBelieved = 2;

}  // namespace

Doubt doubted(const std::optional<Doubt>& before, Place place, Digest digest, const AppendInDoubt& append) {
  Doubt doubt{place, digest, append.target_uidvalidity, append.target_uidnext, append.at};
  if (before && before->digest == digest && before->target_uidvalidity == append.target_uidvalidity) {
    if (before->at == append.at) return *before;
    doubt = *before;
    doubt.target_uidnext = std::min(before->target_uidnext, append.target_uidnext);
    doubt.at = append.at;
  }
  ++(append.why == AppendInDoubt::Why::unshown ? doubt.unshown : doubt.unanswered);
  return doubt;
}

CopyWatch copy_watch(const Doubt& doubt, WallTime now) {
  // A clock that was set far back must not keep the watch up for years.
  const auto passed = now < doubt.at ? doubt.at - now : now - doubt.at;
  const bool any_left = copies_left(doubt) != 0;
  if (passed >= kWatched) return any_left ? CopyWatch::last : CopyWatch::over;
  return any_left && passed < kClosely ? CopyWatch::closely : CopyWatch::idly;
}

std::uint64_t copies_left(const Doubt& doubt) {
  const std::uint64_t all = std::uint64_t{doubt.unanswered} + doubt.unshown;
  return all - std::min(all, doubt.reported.size());
}

bool is_swallowed(const Doubt& doubt) { return doubt.unshown >= kOksBelieved; }

}  // namespace postern::sync
