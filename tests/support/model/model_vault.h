#pragma once

#include "tests/support/model/faults.h"
#include "tests/support/model/vault_state.h"

namespace postern::testing {

/// The vault as the engine sees it, over a VaultState. Writes take turns of the loop and become durable in the order of
/// the calls; a "killed" fault at one ends the process before or after it. Set `store_fails` for a vault that can no
/// longer be written.
class ModelVault : public sync::Vault {
 public:
  ModelVault(VaultState& state, Faults& faults, Scheduler& scheduler)
      : state_(state), faults_(faults), scheduler_(scheduler) {}

  Task<Result<std::vector<MailboxRecord>>> mailboxes() override;
  Task<Result<MailboxRecord>> put_mailbox(MailboxRecord record) override;
  Task<Result<void>> new_generation(MailboxId mailbox, UidValidity uidvalidity) override;
  Task<Result<std::vector<WallTime>>> generation_changes(MailboxId mailbox, WallTime since) override;
  Task<Result<std::vector<UidValidity>>> generations(MailboxId mailbox) override;
  Task<Result<UidSet>> known_uids(MailboxId mailbox, UidValidity uidvalidity) override;
  Task<Result<std::vector<Entry>>> entries(MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                           std::size_t limit) override;
  std::unique_ptr<sync::IncomingBody> receive(std::uint64_t size) override;
  Task<Result<sync::Committed>> commit(sync::MailboxChanges changes) override;
  std::uint64_t octets_in_flight() const override { return in_flight_; }
  Task<Result<void>> room(std::uint64_t budget, Wait wait) override;
  Task<Result<std::optional<SnapshotRecord>>> snapshot() override;
  Task<Result<HistorySeq>> history_end() override;
  Task<Result<std::vector<HistoryRecord>>> history(HistorySeq after, std::size_t limit) override;
  Task<Result<TargetId>> target_id(std::string name) override;
  Task<Result<HistorySeq>> target_cursor(TargetId target) override;
  Task<Result<void>> set_target_cursor(TargetId target, HistorySeq seq) override;
  Task<Result<std::vector<TargetMailboxRecord>>> target_mailboxes(TargetId target) override;
  Task<Result<void>> put_target_mailbox(TargetId target, TargetMailboxRecord record) override;
  Task<Result<std::vector<Binding>>> bindings(TargetId target, MailboxId mailbox, UidValidity uidvalidity,
                                              UidRange range, std::size_t limit) override;
  Task<Result<std::vector<Binding>>> all_bindings(TargetId target, MailboxId mailbox, std::optional<Place> after,
                                                  std::size_t limit) override;
  Task<Result<IntentId>> put_intent(TargetId target, Intent intent) override;
  Task<Result<std::vector<Intent>>> intents(TargetId target) override;
  Task<Result<IntentId>> put_store_intent(TargetId target, StoreIntent intent) override;
  Task<Result<std::vector<StoreIntent>>> store_intents(TargetId target) override;
  Task<Result<std::vector<Doubt>>> doubts(TargetId target, std::optional<MailboxId> mailbox) override;
  Task<Result<std::vector<GuardHold>>> guard_holds(TargetId target) override;
  Task<Result<void>> commit_target(TargetId target, TargetChanges changes) override;
  Task<Result<void>> put_audit(std::vector<AuditRecord> rows) override;
  Task<Result<std::string>> origin() override;
  Task<Result<void>> set_origin(std::string origin) override;
  Task<Result<std::unique_ptr<sync::OctetSource>>> open_object(Digest digest) override;
  Task<Result<std::vector<std::optional<sync::HeldBody>>>> held_by_email_id(std::vector<std::string> ids) override;
  Task<Result<std::vector<sync::Identity>>> identities(std::vector<Digest> digests) override;
  Task<Result<void>> put_quarantine(QuarantineRecord record) override;
  Task<Result<void>> clear_quarantine(QuarantineRecord record) override;
  Task<Result<std::vector<QuarantineRecord>>> quarantine() override;

  bool store_fails = false;
  int commit_turns = 3;  // of the loop until a commit is durable
  std::uint64_t most_in_flight = 0;
  int most_commits = 0;

 private:
  friend class ModelBody;
  Task<Result<void>> before(const char* call);
  Task<void> after();
  Result<void> check_held(const sync::MailboxChanges& changes) const;
  sync::Committed apply(sync::MailboxChanges& changes);
  void add(std::uint64_t octets) { most_in_flight = std::max(most_in_flight, in_flight_ += octets); }

  VaultState& state_;
  Faults& faults_;
  Scheduler& scheduler_;
  std::uint64_t in_flight_ = 0;
  int commits_ = 0;
  bool kill_after_ = false;
};

}  // namespace postern::testing
