#include "daemon/wiring/vault_port.h"

#include <utility>

#include "core/crypto/sha256.h"
#include "core/io/worker_pool.h"
#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/commit_queue.h"
#include "daemon/wiring/incoming_body.h"
#include "storage/vault.h"

namespace postern::daemon {
namespace {

/// What cannot be read of one body says nothing of the others.
Error of_one_message(Error error) {
  if (error.kind() == ErrorKind::store) error.scope(Scope::message);
  return error;
}

class PortOctets final : public sync::OctetSource {
 public:
  PortOctets(std::unique_ptr<storage::ObjectReader> reader, Workers& workers, Scheduler& scheduler)
      : reader_(std::move(reader)), workers_(workers), scheduler_(scheduler) {}
  std::uint64_t size() const override { return reader_->size(); }
  Task<Result<Bytes>> next(Wait) override {
    return run_on(workers_, scheduler_, [reader = reader_]() -> Result<Bytes> {
      auto piece = reader->next();
      if (!piece) return fail(of_one_message(std::move(piece).error()));
      return piece;
    });
  }

 private:
  const std::shared_ptr<storage::ObjectReader> reader_;  // shared with a read that is under way when this goes
  Workers& workers_;
  Scheduler& scheduler_;
};

Result<sync::Identity> identity_of(const storage::Vault& vault, const Digest& digest) {
  auto size = vault.object_size(digest);
  if (!size) return fail(std::move(size).error());
  // One octet more than is looked at, so that the header is cut where every caller's is.
  auto beginning = vault.object_prefix(digest, mime::kHeaderCap + 1);
  if (!beginning) return fail(std::move(beginning).error());
  return sync::Identity{Digest(crypto::sha256(mime::stable_header(*beginning))), size->value_or(0)};
}

class VaultPort final : public sync::Vault {
  /// A blocking function of the vault as a Task.
  template <class Function>
  Task<std::invoke_result_t<const Function&, storage::Vault&, AccountId>> on_worker(Function function) {
    return run_on(workers_, scheduler_, [function = std::move(function), vault = &vault_, account = account_] {
      return function(*vault, account);
    });
  }

 public:
  VaultPort(storage::Vault& vault, AccountId account, Workers& workers, Scheduler& scheduler)
      : vault_(vault),
        account_(account),
        workers_(workers),
        scheduler_(scheduler),
        in_flight_(std::make_shared<InFlight>(scheduler)),
        commits_(std::make_shared<CommitQueue>(vault, account, workers, scheduler, in_flight_)) {}

  // --- source state
  Task<Result<std::vector<MailboxRecord>>> mailboxes() override {
    return on_worker([](storage::Vault& v, AccountId a) { return v.mailboxes(a); });
  }
  Task<Result<MailboxRecord>> put_mailbox(MailboxRecord record) override {
    auto done = std::make_shared<Completion<Result<MailboxRecord>>>(scheduler_);
    vault_.put_mailbox(account_, std::move(record), to_loop(done));
    return wait_for(std::move(done));
  }
  Task<Result<void>> new_generation(MailboxId mailbox, UidValidity uidvalidity) override {
    auto done = std::make_shared<Completion<Result<void>>>(scheduler_);
    vault_.new_generation(account_, mailbox, uidvalidity, to_loop(done));
    return wait_for(std::move(done));
  }
  Task<Result<std::vector<WallTime>>> generation_changes(MailboxId mailbox, WallTime since) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.generation_changes(a, mailbox, since); });
  }
  Task<Result<std::vector<UidValidity>>> generations(MailboxId mailbox) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.generations(a, mailbox); });
  }
  Task<Result<UidSet>> known_uids(MailboxId mailbox, UidValidity uidvalidity) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.known_uids(a, mailbox, uidvalidity); });
  }
  Task<Result<std::vector<Entry>>> entries(MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                           std::size_t limit) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.entries(a, mailbox, uidvalidity, range, limit); });
  }
  std::unique_ptr<sync::IncomingBody> receive(std::uint64_t size) override {
    return std::make_unique<PortBody>(vault_, workers_, in_flight_, size);
  }

  /// Not a coroutine: the commit takes its place in the order now, not when the Task is awaited.
  Task<Result<sync::Committed>> commit(sync::MailboxChanges changes) override {
    auto done = std::make_shared<CommitQueue::Done>(scheduler_);
    commits_->begin(std::move(changes), done);
    return wait_for(std::move(done));
  }
  std::uint64_t octets_in_flight() const override { return in_flight_->held + in_flight_->working; }

  Task<Result<void>> room(std::uint64_t budget, Wait wait) override {
    const auto in_flight = in_flight_;
    while (in_flight->held + in_flight->working >= budget && in_flight->working > 0) {
      in_flight->changed.reset();
      const Result<void> changed = co_await in_flight->changed.wait(wait, "waiting for the vault");
      if (!changed) co_return fail(changed.error());
    }
    const storage::Health health = vault_.health();
    if (health.error) co_return fail(*health.error);
    co_return Result<void>();
  }

  Task<Result<std::optional<SnapshotRecord>>> snapshot() override {
    return on_worker([](storage::Vault& v, AccountId a) { return v.snapshot(a); });
  }

  // --- history
  Task<Result<HistorySeq>> history_end() override {
    return on_worker([](storage::Vault& v, AccountId a) { return v.history_end(a); });
  }
  Task<Result<std::vector<HistoryRecord>>> history(HistorySeq after, std::size_t limit) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.history(a, after, limit); });
  }

  // --- target state
  Task<Result<TargetId>> target_id(std::string name) override {
    return on_worker([name = std::move(name)](storage::Vault& v, AccountId a) { return v.target_id(a, name); });
  }
  Task<Result<HistorySeq>> target_cursor(TargetId target) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.target_cursor(a, target); });
  }
  Task<Result<void>> set_target_cursor(TargetId target, HistorySeq seq) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.set_target_cursor(a, target, seq); });
  }
  Task<Result<std::vector<TargetMailboxRecord>>> target_mailboxes(TargetId target) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.target_mailboxes(a, target); });
  }
  Task<Result<void>> put_target_mailbox(TargetId target, TargetMailboxRecord record) override {
    return on_worker([target, record = std::move(record)](storage::Vault& v, AccountId a) {
      return v.put_target_mailbox(a, target, record);
    });
  }
  Task<Result<std::vector<Binding>>> bindings(TargetId target, MailboxId mailbox, UidValidity uidvalidity,
                                              UidRange range, std::size_t limit) override {
    return on_worker(
        [=](storage::Vault& v, AccountId a) { return v.bindings(a, target, mailbox, uidvalidity, range, limit); });
  }
  Task<Result<std::vector<Binding>>> all_bindings(TargetId target, MailboxId mailbox, std::optional<Place> after,
                                                  std::size_t limit) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.all_bindings(a, target, mailbox, after, limit); });
  }
  Task<Result<IntentId>> put_intent(TargetId target, Intent intent) override {
    return on_worker([target, intent = std::move(intent)](storage::Vault& v, AccountId a) {
      return v.put_intent(a, target, intent);
    });
  }
  Task<Result<std::vector<Intent>>> intents(TargetId target) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.intents(a, target); });
  }
  Task<Result<void>> commit_target(TargetId target, TargetChanges changes) override {
    storage::TargetChanges out{std::move(changes.bind),  std::move(changes.unbind), changes.end_intent,
                               std::move(changes.audit), std::move(changes.hold),   std::move(changes.release),
                               changes.end_store_intent, std::move(changes.doubt),  std::move(changes.end_doubt)};
    return on_worker(
        [target, out = std::move(out)](storage::Vault& v, AccountId a) { return v.commit_target(a, target, out); });
  }

  Task<Result<IntentId>> put_store_intent(TargetId target, StoreIntent intent) override {
    return on_worker([target, intent = std::move(intent)](storage::Vault& v, AccountId a) {
      return v.put_store_intent(a, target, intent);
    });
  }
  Task<Result<std::vector<StoreIntent>>> store_intents(TargetId target) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.store_intents(a, target); });
  }
  Task<Result<std::vector<Doubt>>> doubts(TargetId target, std::optional<MailboxId> mailbox) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.doubts(a, target, mailbox); });
  }
  Task<Result<std::vector<GuardHold>>> guard_holds(TargetId target) override {
    return on_worker([=](storage::Vault& v, AccountId a) { return v.guard_holds(a, target); });
  }

  // --- deletions at servers, and the guard's memory
  Task<Result<void>> put_audit(std::vector<AuditRecord> rows) override {
    return on_worker([rows = std::move(rows)](storage::Vault& v, AccountId a) { return v.put_audit(a, rows); });
  }
  Task<Result<std::string>> origin() override {
    return on_worker([](storage::Vault& v, AccountId a) { return v.origin(a); });
  }
  Task<Result<void>> set_origin(std::string origin) override {
    return on_worker([origin = std::move(origin)](storage::Vault& v, AccountId a) { return v.set_origin(a, origin); });
  }

  // --- objects
  Task<Result<std::unique_ptr<sync::OctetSource>>> open_object(Digest digest) override {
    auto reader = co_await on_worker([=](storage::Vault& v, AccountId) { return v.open_object(digest); });
    if (!reader) co_return fail(of_one_message(std::move(reader).error()));
    co_return std::unique_ptr<sync::OctetSource>(
        std::make_unique<PortOctets>(*std::move(reader), workers_, scheduler_));
  }
  Task<Result<std::vector<std::optional<sync::HeldBody>>>> held_by_email_id(std::vector<std::string> ids) override {
    return on_worker(
        [ids = std::move(ids)](storage::Vault& v, AccountId a) -> Result<std::vector<std::optional<sync::HeldBody>>> {
          const auto held = v.held_by_email_id(a, ids);
          if (!held) return fail(held.error());
          std::vector<std::optional<sync::HeldBody>> out;
          out.reserve(held->size());
          for (const auto& one : *held) {
            out.push_back(one ? std::optional(sync::HeldBody{one->digest, one->size}) : std::nullopt);
          }
          return out;
        });
  }
  Task<Result<std::vector<sync::Identity>>> identities(std::vector<Digest> digests) override {
    return on_worker(
        [digests = std::move(digests)](storage::Vault& v, AccountId) -> Result<std::vector<sync::Identity>> {
          std::vector<sync::Identity> found;
          found.reserve(digests.size());
          for (const Digest& digest : digests) {
            auto identity = identity_of(v, digest);
            if (!identity && identity.error().kind() != ErrorKind::store) return fail(std::move(identity).error());
            found.push_back(identity.value_or(sync::Identity()));
          }
          return found;
        });
  }

  // --- what a person has to see
  Task<Result<void>> put_quarantine(QuarantineRecord record) override {
    return on_worker(
        [record = std::move(record)](storage::Vault& v, AccountId a) { return v.put_quarantine(a, record); });
  }
  Task<Result<void>> clear_quarantine(QuarantineRecord record) override {
    return on_worker(
        [record = std::move(record)](storage::Vault& v, AccountId a) { return v.clear_quarantine(a, record); });
  }
  Task<Result<std::vector<QuarantineRecord>>> quarantine() override {
    return on_worker([](storage::Vault& v, AccountId a) { return v.quarantine(a); });
  }

 private:
  template <class T>
  static Task<Result<T>> wait_for(std::shared_ptr<Completion<Result<T>>> done) {
    const Wait forever;
    auto written = co_await done->wait(forever, "committing");
    if (!written) co_return fail(std::move(written).error());
    co_return std::move(*written);
  }

  /// Gives the committer's result to `done` on the loop. What is captured moves on, so that the last reference is given
  /// up there.
  template <class T>
  std::function<void(Result<T>)> to_loop(std::shared_ptr<Completion<Result<T>>> done) {
    return [done = std::move(done), &scheduler = scheduler_](Result<T> result) mutable {
      auto shared = std::make_shared<Result<T>>(std::move(result));
      scheduler.run_soon_from_any_thread([done = std::move(done), shared] { done->set(std::move(*shared)); });
    };
  }

  storage::Vault& vault_;
  const AccountId account_;
  Workers& workers_;
  Scheduler& scheduler_;
  const std::shared_ptr<InFlight> in_flight_;
  const std::shared_ptr<CommitQueue> commits_;
};

}  // namespace

std::unique_ptr<sync::Vault> make_vault_port(storage::Vault& vault, AccountId account, Workers& workers,
                                             Scheduler& scheduler) {
  return std::make_unique<VaultPort>(vault, account, workers, scheduler);
}

}  // namespace postern::daemon
