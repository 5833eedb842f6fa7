#include "core/sync/engine/flag_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kUidsPerStore = 1'000;
constexpr int kMergesAgain = 3;
constexpr std::size_t kFlagNames = 200;  // octets

}  // namespace

void FlagRun::add(const Entry& entry, const Binding& binding) {
  FlagSet wanted = replayable(entry.flags, mailbox_.flag_support());
  FlagDelta delta = target_delta(binding.agreed, wanted);
  if (delta.empty()) return;
  if (mailbox_.context().is_unsettled(mailbox_.source().id, binding.place.uid)) {
    later_.insert(binding.target_uid);
    return;
  }
  Binding after = binding;
  after.agreed = wanted;
  groups_.add(binding.target_uid, std::move(delta));
  agreed_.insert_or_assign(binding.target_uid, Agreement{binding.agreed, std::move(after)});
}

Task<Result<void>> FlagRun::run() {
  for (const auto& [delta, uids] : groups_.groups()) {
    for (const UidSet& part : uids.split(kUidsPerStore)) {
      auto told = co_await tell(part, delta);
      if (!told) {
        Error error = told.error();
        co_return fail(std::move(error.at("flags of UID " + part.to_string().substr(0, 40))));
      }
    }
  }
  groups_ = {};
  agreed_.clear();
  auto put = co_await put_off();
  co_return put;
}

/// What waits is compared again by the next pass, for an intent is open. It changes nothing, for nothing was stored.
Task<Result<void>> FlagRun::put_off() {
  UidSet later;
  for (const Uid uid : std::exchange(later_, {})) later.add(uid);
  if (later.empty()) co_return {};
  auto put = co_await intend(std::move(later), FlagDelta(), ModSeq());
  if (!put) co_return fail(put.error());
  co_return {};
}

/// Of a change that was refused, what the target shows counts as agreed, for NO may have come in the middle of it. With
/// two_way of each: what a target drops in silence must not look like a person's change.
Task<Result<void>> FlagRun::tell(UidSet uids, FlagDelta delta) {
  // What came since SELECT has a higher mod-sequence without anybody having changed it.
  const bool known = uids.max().value() < mailbox_.opened().uidnext;
  auto intent = co_await intend(uids, delta, known ? mailbox_.opened().highestmodseq : ModSeq());
  if (!intent) co_return fail(intent.error());
  Vault::TargetChanges changes;
  changes.end_store_intent = *intent;
  auto stored = co_await store(uids, delta);
  if (!stored) {
    if (!refuses_change(stored.error())) co_return stored;
    auto less = co_await tell_less(uids, delta, stored.error());
    if (!less) co_return less;
  }
  if (stored && mailbox_.context().options.flags == FlagMode::replay) {
    uids.for_each([&](Uid uid) { changes.bind.push_back(agreed_.at(uid).after); });
  } else {
    auto agreed = co_await agreed_now(uids, delta);
    if (!agreed) co_return fail(agreed.error());
    changes.bind = std::move(*agreed);
  }
  const std::uint64_t count = changes.bind.size();
  auto agreed = co_await mailbox_.commit(std::move(changes));
  if (!agreed) co_return agreed;
  mailbox_.totals().flag_updates += count;
  mailbox_.context().progress.replay_done += uids.size();
  co_return {};
}

/// Fails for what is no refusal of the change.
Task<Result<void>> FlagRun::tell_less(UidSet uids, FlagDelta delta, Error refusal) {
  FlagDelta rest{delta.add.without_keywords(), delta.remove.without_keywords()};
  const bool has_less = !rest.empty() && !(rest == delta);
  if (!has_less) rest = std::move(delta);
  if (!refusal_) refusal_ = refusal;
  if (has_less) {
    auto stored = co_await store(uids, rest);
    if (stored || !refuses_change(stored.error())) co_return stored;
    refusal = stored.error();
  }
  if (uids.size() < 2 || !worth_splitting(refusal)) co_return {};
  for (const UidSet& half : uids.split((uids.size() + 1) / 2)) {
    auto stored = co_await store(half, rest);
    if (!stored && !refuses_change(stored.error())) co_return stored;
  }
  co_return {};
}

/// The bindings that agree on more than before. Notes what the others lack.
Task<Result<std::vector<Binding>>> FlagRun::agreed_now(UidSet uids, FlagDelta delta) {
  std::vector<Binding> bindings;
  auto now = co_await mailbox_.target().flags(uids, std::nullopt, mailbox_.context().wait);
  if (!now) co_return fail(now.error());
  UidSet seen;
  for (const FlagReport& one : *now) {
    const auto known = agreed_.find(one.uid);
    if (known == agreed_.end() || !uids.contains(one.uid) || seen.contains(one.uid)) continue;
    seen.add(one.uid);
    const Agreement& agreement = known->second;
    Binding binding = agreement.after;
    binding.agreed = agreed_after_store(agreement.before, delta, one.flags);
    const FlagDelta left = target_delta(binding.agreed, agreement.after.agreed);
    for (const std::string& flag : left.add) refused_.insert(flag);
    for (const std::string& flag : left.remove) refused_.insert(flag);
    if (!left.empty()) ++refused_messages_;
    if (!(binding.agreed == agreement.before)) bindings.push_back(std::move(binding));
  }
  co_return bindings;
}

void FlagRun::report_refused() {
  if (refused_messages_ == 0) return;
  if (!refusal_) refusal_ = Error(ErrorKind::server_bug, "the target says OK and does not do it");
  Error error(refusal_->kind(), "the target refuses changes of flags of " + std::to_string(refused_messages_) +
                                    " messages: " + refused_.to_string().substr(0, kFlagNames));
  error.server_text(refusal_->server_text())
      .remedy("the vault keeps them; a message is told again when its flags change next")
      .at(mailbox_.name().display())
      .at(mailbox_.context().options.target);
  mailbox_.context().problem(std::move(error));
  refused_ = {};
  refused_messages_ = 0;
  refusal_.reset();
}

/// It stays when nobody saw the end of the STORE: some of the messages may have been changed.
Task<Result<IntentId>> FlagRun::intend(UidSet uids, FlagDelta delta, ModSeq since) {
  StoreIntent intent;
  intent.mailbox = mailbox_.source().id;
  intent.uidvalidity = mailbox_.opened().uidvalidity;
  intent.since = since;
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
  auto stored = co_await mailbox_.target().store_flags(uids, delta, since, mailbox_.context().wait);
  if (!stored) co_return fail(stored.error());
  UidSet modified = stored->modified.intersected(uids);
  for (int merge = 1; !modified.empty(); ++merge) {
    auto left = co_await merge_again(std::move(modified), delta, merge == kMergesAgain);
    if (!left) co_return fail(left.error());
    modified = std::move(*left);
  }
  co_return {};
}

/// Those that changed once more; none after the last try. Nothing is told that is not in `told`.
Task<Result<UidSet>> FlagRun::merge_again(UidSet uids, FlagDelta told, bool last_try) {
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
    delta = {delta.add.intersected(told.add), delta.remove.intersected(told.remove)};
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
