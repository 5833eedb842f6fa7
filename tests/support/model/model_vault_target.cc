// What a vault holds about changes at a target: bindings that follow them, intents, held and carried out deletions.

#include <stdexcept>
#include <utility>

#include "tests/support/model/model_vault.h"

namespace postern::testing {

Task<Result<IntentId>> ModelVault::put_store_intent(TargetId target, StoreIntent intent) {
  auto turn = co_await before("vault.put_store_intent");
  if (!turn) co_return fail(turn.error());
  intent.id = IntentId(state_.next_intent++);
  state_.targets[target].store_intents.emplace(intent.id, intent);
  co_await after();
  co_return intent.id;
}

Task<Result<std::vector<StoreIntent>>> ModelVault::store_intents(TargetId target) {
  std::vector<StoreIntent> all;
  for (const auto& [id, intent] : state_.targets[target].store_intents) all.push_back(intent);
  co_return all;
}

Task<Result<std::vector<Doubt>>> ModelVault::doubts(TargetId target, std::optional<MailboxId> mailbox) {
  std::vector<Doubt> all;
  for (const auto& [place, doubt] : state_.targets[target].doubts) {
    if (!mailbox || place.mailbox == *mailbox) all.push_back(doubt);
  }
  co_return all;
}

Task<Result<std::vector<GuardHold>>> ModelVault::guard_holds(TargetId target) {
  std::vector<GuardHold> all;
  for (const auto& [mailbox, hold] : state_.targets[target].holds) all.push_back(hold);
  co_return all;
}

Task<Result<void>> ModelVault::commit_target(TargetId target, TargetChanges changes) {
  auto turn = co_await before("vault.commit_target");
  if (!turn) co_return turn;
  auto& state = state_.targets[target];
  for (const Place& place : changes.unbind) state.bindings.erase(place);
  for (const Binding& binding : changes.bind) state.bindings.insert_or_assign(binding.place, binding);
  if (changes.end_intent && state.intents.erase(*changes.end_intent) == 0) throw std::logic_error("no such intent");
  if (changes.end_store_intent && state.store_intents.erase(*changes.end_store_intent) == 0) {
    throw std::logic_error("no such store intent");
  }
  for (const Place& place : changes.end_doubt) state.doubts.erase(place);
  for (const Doubt& doubt : changes.doubt) {
    if (doubt.unanswered + doubt.unshown == 0) throw std::logic_error("a doubt of nothing");
    state.doubts.insert_or_assign(doubt.place, doubt);
  }
  for (const MailboxId mailbox : changes.release) state.holds.erase(mailbox);
  for (const GuardHold& hold : changes.hold) {
    if (hold.uids.empty() || hold.target != target) throw std::logic_error("a hold of nothing, or of another target");
    state.holds.insert_or_assign(hold.mailbox, hold);
  }
  state_.audit.insert(state_.audit.end(), changes.audit.begin(), changes.audit.end());
  co_await after();
  co_return {};
}

Task<Result<void>> ModelVault::put_audit(std::vector<AuditRecord> rows) {
  auto turn = co_await before("vault.put_audit");
  if (!turn) co_return turn;
  state_.audit.insert(state_.audit.end(), rows.begin(), rows.end());
  co_await after();
  co_return {};
}

Task<Result<std::string>> ModelVault::origin() { co_return state_.origin; }

Task<Result<void>> ModelVault::set_origin(std::string origin) {
  auto turn = co_await before("vault.set_origin");
  if (!turn) co_return turn;
  state_.origin = std::move(origin);
  co_await after();
  co_return {};
}

}  // namespace postern::testing
