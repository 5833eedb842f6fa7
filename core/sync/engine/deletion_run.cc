#include "core/sync/engine/deletion_run.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::uint32_t kLongLine = 0xffffffff;

}  // namespace

Task<Result<void>> DeletionRun::run() {
  const bool to_itself = mailbox_.context().options.deletes == Deletes::trash && trash_.name == mailbox_.name();
  if (!to_itself) {
    for (const UidSet& part : departures_.deletions.split(kPage, kLongLine)) {
      auto found = co_await doomed(part);
      if (!found) co_return fail(found.error());
      auto left = co_await leave_doubtful(*found);
      if (!left) co_return left;
      if (found->empty()) continue;
      auto done = co_await carry_out(std::move(*found));
      if (!done) co_return done;
    }
  }
  if (!departures_.settles_hold) co_return {};
  Vault::TargetChanges changes;
  if (departures_.hold) {
    changes.hold.push_back(*departures_.hold);
  } else {
    changes.release.push_back(mailbox_.source().id);
  }
  auto settled = co_await mailbox_.commit(std::move(changes));
  co_return settled;
}

/// What is bound of them, in the opened generation of the target mailbox, and has vanished.
Task<Result<std::vector<BoundMessage>>> DeletionRun::doomed(UidSet uids) {
  std::vector<BoundMessage> found;
  for (const UidRange& range : uids.ranges()) {
    auto rows = co_await mailbox_.rows(range, kPage);
    if (!rows) co_return fail(rows.error());
    for (TargetMailbox::Row& row : *rows) {
      if (!row.binding || row.binding->leaving || (!row.entry.vanished && !departures_.gone)) continue;
      found.push_back({std::move(row.entry), std::move(*row.binding)});
    }
  }
  co_return found;
}

Task<Result<void>> DeletionRun::leave_doubtful(std::vector<BoundMessage>& doomed) {
  auto check = co_await check_bound(mailbox_, doomed);
  if (!check) co_return fail(check.error());
  if (check->went_back) co_return fail(compared_first(mailbox_.name()));
  std::erase_if(doomed, [&](const auto& one) { return check->doubtful.contains(one.binding.target_uid); });
  report_doubtful(mailbox_.context(), mailbox_.name(), check->doubtful.size());
  co_return {};
}

Task<Result<void>> DeletionRun::carry_out(std::vector<BoundMessage> doomed) {
  Context& context = mailbox_.context();
  UidSet uids;
  for (const BoundMessage& one : doomed) uids.add(one.binding.target_uid);
  AuditRecord::Action action = AuditRecord::Action::trashed;
  if (context.options.deletes == Deletes::trash) {
    auto done = co_await to_trash(std::move(uids));
    if (!done) co_return done;
  } else {
    const bool removes = mailbox_.target().features().uidplus;
    action = removes ? AuditRecord::Action::expunged : AuditRecord::Action::flagged_deleted;
    auto done = co_await mailbox_.target().expunge(std::move(uids), context.wait);
    if (!done) co_return done;
  }
  Vault::TargetChanges changes;
  const WallTime now = context.scheduler.wall();
  for (const auto& [entry, binding] : doomed) {
    changes.unbind.push_back(entry.place);
    changes.audit.push_back({now, action, mailbox_.id(), entry.place, entry.digest, mailbox_.name().display(),
                             mailbox_.opened().uidvalidity, binding.target_uid});
  }
  auto noted = co_await mailbox_.commit(std::move(changes));
  if (noted) mailbox_.totals().deleted += doomed.size();
  co_return noted;
}

Task<Result<void>> DeletionRun::to_trash(UidSet uids) {
  Context& context = mailbox_.context();
  if (!trash_.exists) {
    auto created = co_await mailbox_.target().create(trash_.name, context.wait);
    if (!created) co_return fail(created.error());
  }
  auto moved = co_await mailbox_.target().move(std::move(uids), trash_.name, context.wait);
  if (!moved) co_return fail(moved.error());
  co_return {};
}

Task<Result<void>> unbind_lost(TargetMailbox& mailbox, UidSet returned) {
  for (const UidSet& part : returned.split(kPage, kLongLine)) {
    UidSet asked;
    std::map<Uid, Place> places;  // by target UID
    for (const UidRange& range : part.ranges()) {
      auto rows = co_await mailbox.rows(range, kPage);
      if (!rows) co_return fail(rows.error());
      for (const TargetMailbox::Row& row : *rows) {
        if (row.binding && !row.entry.vanished) places.emplace(row.binding->target_uid, row.entry.place);
      }
    }
    for (const auto& [uid, place] : places) asked.add(uid);
    if (asked.empty()) continue;
    auto there = co_await mailbox.target().flags(std::move(asked), std::nullopt, mailbox.context().wait);
    if (!there) co_return fail(there.error());
    for (const FlagReport& one : *there) places.erase(one.uid);
    Vault::TargetChanges changes;
    for (const auto& [uid, place] : places) changes.unbind.push_back(place);
    if (changes.unbind.empty()) continue;
    auto done = co_await mailbox.commit(std::move(changes));
    if (!done) co_return done;
  }
  co_return {};
}

Task<Result<void>> remove_emptied(Context& context, Target& target, MailboxName name) {
  if (name.is_inbox()) co_return {};
  auto listed = co_await target.list(context.wait);
  if (!listed) co_return fail(listed.error());
  const std::string below = name.wire() + name.delimiter();
  for (const ListedMailbox& one : *listed) {
    if (name.delimiter() != '\0' && one.name.wire().starts_with(below)) co_return {};
  }
  auto opened = co_await target.open(name, context.wait);
  if (!opened && opened.error().kind() == ErrorKind::not_found) co_return {};
  if (!opened) co_return fail(opened.error());
  if (opened->messages != 0) {
    log::info(context.options.account + ": " + name.display() + ": stays on the target, for it holds other messages");
    co_return {};
  }
  auto removed = co_await target.remove(name, context.wait);
  if (removed) log::info(context.options.account + ": " + name.display() + ": removed from the target");
  co_return removed;
}

}  // namespace postern::sync
