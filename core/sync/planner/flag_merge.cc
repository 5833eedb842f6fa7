#include "core/sync/planner/flag_merge.h"

#include <string_view>

namespace postern::sync {
namespace {

constexpr std::string_view kDeleted = "\\Deleted";

}  // namespace

FlagSet replayable(const FlagSet& flags, const FlagSupport& support) {
  const bool not_stated = support.any_keyword && support.permanent.empty();
  FlagSet kept;
  for (const std::string& flag : flags) {
    if ((flag == kDeleted && !support.deleted) || !is_valid_flag(flag)) continue;
    const bool is_keyword = flag.front() != '\\';
    if (not_stated || (is_keyword && support.any_keyword) || support.permanent.contains(flag)) kept.insert(flag);
  }
  return kept;
}

FlagSet not_kept(const FlagSet& flags, const FlagSupport& support) {
  const FlagSet kept = replayable(flags, support);
  FlagSet lost;
  for (const std::string& flag : flags) {
    if (flag != kDeleted && flag != "\\Recent" && !kept.contains(flag)) lost.insert(flag);
  }
  return lost;
}

FlagDelta target_delta(const FlagSet& agreed, const FlagSet& wanted) { return agreed.delta_to(wanted); }

FlagMerge merge_flags(FlagMode mode, const FlagSet& agreed, const FlagSet& source, const FlagSet& target) {
  FlagMerge merge;
  const FlagSet on_target = target.applied(target_delta(agreed, source));
  merge.to_target = target.delta_to(on_target);
  merge.agreed = source;
  if (mode == FlagMode::replay) return merge;
  merge.agreed = on_target;
  merge.to_source = source.delta_to(on_target);
  return merge;
}

OwnChange own_change(const FlagSet& agreed, const FlagSet& source, const FlagSet& target, bool first) {
  OwnChange own;
  for (const std::string& flag : agreed) {
    if (!first || flag == kDeleted || target.contains(flag)) own.agreed.insert(flag);
  }
  own.to_source = merge_flags(FlagMode::two_way, own.agreed, source, target).to_source;
  own.to_source.add.erase(kDeleted);
  own.to_source.remove.erase(kDeleted);
  return own;
}

FlagSet agreed_after_store(const FlagSet& agreed, const FlagDelta& delta, const FlagSet& now) {
  FlagSet after = agreed;
  for (const std::string& flag : delta.add) {
    if (now.contains(flag)) after.insert(flag);
  }
  for (const std::string& flag : delta.remove) {
    if (!now.contains(flag)) after.erase(flag);
  }
  return after;
}

std::optional<ModSeq> carried_out(const FlagDelta& delta, ModSeq since, const std::vector<StoreSeen>& messages) {
  std::optional<ModSeq> at;
  if (since.value() == 0) return at;
  for (const StoreSeen& one : messages) {
    const bool changed_by_it = one.now.applied(delta) == one.now && !(one.agreed.applied(delta) == one.agreed);
    if (changed_by_it && one.modseq > since && (!at || one.modseq < *at)) at = one.modseq;
  }
  return at;
}

FlagSet agreed_after_store(const StoreSeen& message, const FlagDelta& delta, ModSeq since,
                           std::optional<ModSeq> carried) {
  const bool changed = since.value() != 0 && message.modseq > since;
  const bool undone = changed && ((carried && message.modseq > *carried) || message.now == message.agreed);
  return undone ? message.agreed.applied(delta) : agreed_after_store(message.agreed, delta, message.now);
}

FlagSet agreed_on_adoption(const FlagSet& wanted, const FlagSet& target) { return wanted.intersected(target); }

}  // namespace postern::sync
