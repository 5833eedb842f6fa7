#include "core/sync/engine/flag_run.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kUidsPerStore = 1'000;
constexpr int kMergesAgain = 3;

}  // namespace

void FlagRun::add(const Entry& entry, const Binding& binding) {
  FlagSet wanted = replayable(entry.flags, mailbox_.flag_support());
  if (binding.leaving) wanted.erase("\\Deleted");  // ours, at the source alone
  FlagDelta delta = target_delta(binding.agreed, wanted);
  if (delta.empty()) return;
  Binding after = binding;
  after.agreed = wanted;
  groups_.add(binding.target_uid, std::move(delta));
  agreed_.insert_or_assign(binding.target_uid, Agreement{binding.agreed, std::move(after)});
}

Task<Result<void>> FlagRun::run() {
  for (const auto& [delta, uids] : groups_.groups()) {
    for (const UidSet& part : uids.split(kUidsPerStore)) {
      auto intent = co_await intend(part, delta);
      if (!intent) co_return fail(intent.error());
      auto stored = co_await store(part, delta);
      if (!stored) {
        Error error = stored.error();
        co_return fail(std::move(error.at("flags of UID " + part.to_string().substr(0, 40))));
      }
      Vault::TargetChanges changes;
      part.for_each([&](Uid uid) { changes.bind.push_back(agreed_.at(uid).after); });
      changes.end_store_intent = *intent;
      const std::uint64_t count = changes.bind.size();
      auto agreed = co_await mailbox_.commit(std::move(changes));
      if (!agreed) co_return agreed;
      mailbox_.totals().flag_updates += count;
      mailbox_.context().progress.replay_done += count;
    }
  }
  groups_ = {};
  agreed_.clear();
  co_return {};
}

/// Also after a NO it stays: some of the messages may have been changed.
Task<Result<IntentId>> FlagRun::intend(UidSet uids, FlagDelta delta) {
  StoreIntent intent;
  intent.mailbox = mailbox_.source().id;
  intent.target_uidvalidity = mailbox_.opened().uidvalidity;
  intent.delta = std::move(delta);
  intent.uids = std::move(uids);
  intent.at = mailbox_.context().scheduler.wall();
  auto id = co_await mailbox_.context().vault.put_store_intent(mailbox_.id(), std::move(intent));
  co_return id;
}

/// What changed before SELECT is nothing to wait for: the delta names the source's own changes alone. Who says MODIFIED
/// again and again is told them without a condition in the end.
Task<Result<void>> FlagRun::store(UidSet uids, FlagDelta delta) {
  std::optional<ModSeq> since;
  if (mailbox_.opened().highestmodseq.value() != 0) since = mailbox_.opened().highestmodseq;
  auto stored = co_await mailbox_.target().store_flags(uids, std::move(delta), since, mailbox_.context().wait);
  if (!stored) co_return fail(stored.error());
  UidSet modified = stored->modified.intersected(uids);
  for (int merge = 1; !modified.empty(); ++merge) {
    auto left = co_await merge_again(std::move(modified), merge == kMergesAgain);
    if (!left) co_return fail(left.error());
    modified = std::move(*left);
  }
  co_return {};
}

/// Those that changed once more; none after the last try.
Task<Result<UidSet>> FlagRun::merge_again(UidSet uids, bool last_try) {
  auto now = co_await mailbox_.target().flags(uids, std::nullopt, mailbox_.context().wait);
  if (!now) co_return fail(now.error());
  FlagGroups groups;
  ModSeq latest;
  for (const FlagReport& one : *now) {
    const auto merged = agreed_.find(one.uid);
    if (merged == agreed_.end() || !uids.contains(one.uid)) continue;
    latest = std::max(latest, one.modseq);
    FlagDelta delta =
        merge_flags(FlagMode::replay, merged->second.before, merged->second.after.agreed, one.flags).to_target;
    if (!delta.empty()) groups.add(one.uid, std::move(delta));
  }
  if (last_try) {
    log::info(mailbox_.context().options.account + ": " + mailbox_.name().display() +
              ": the target goes on answering MODIFIED; its flags are set without a condition");
  }
  UidSet modified;
  for (const auto& [delta, some] : groups.groups()) {
    std::optional<ModSeq> since;
    if (!last_try && latest.value() != 0) since = latest;
    auto stored = co_await mailbox_.target().store_flags(some, delta, since, mailbox_.context().wait);
    if (!stored) co_return fail(stored.error());
    if (since) modified = modified.united(stored->modified.intersected(some));
  }
  co_return modified;
}

}  // namespace postern::sync
