#include "core/sync/engine/source_back.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/sync/engine/entry_reader.h"
#include "core/sync/engine/flag_changes.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::uint32_t kEveryUid = 0xffffffff;
constexpr std::size_t kPage = 2'000;  // UIDs asked about at a time

}  // namespace

Task<Result<void>> note_source_back(Vault& vault, const MailboxRecord& mailbox) {
  MailboxChanges changes;
  changes.mailbox = mailbox.id;
  changes.uidvalidity = mailbox.uidvalidity;
  changes.cursor = mailbox.cursor.value_or(SourceCursor());
  changes.cursor->uidvalidity = mailbox.uidvalidity;
  changes.cursor->uidnext = kUidnextToCompare;
  changes.cursor->highestmodseq = ModSeq();  // what changed since would tell nothing
  auto noted = co_await vault.commit(std::move(changes));
  if (!noted) co_return fail(noted.error());
  co_return {};
}

bool SourceBack::is_resumed() const { return record_.cursor->uidnext == kUidnextToCompare; }

std::string SourceBack::what_went_back(const MailboxStatus& stated) const {
  const SourceCursor& held = *record_.cursor;
  if (is_resumed()) return "the comparison of a mailbox that went back to an earlier state is made again";
  if (stated.uidnext != 0 && stated.uidnext < held.uidnext) {
    return "UIDNEXT went back from " + std::to_string(held.uidnext) + " to " + std::to_string(stated.uidnext) +
           " under the same UIDVALIDITY: the server was restored from a backup and gives out UIDs a second time";
  }
  return "HIGHESTMODSEQ went back from " + std::to_string(held.highestmodseq.value()) + " to " +
         std::to_string(stated.highestmodseq.value()) +
         " under the same UIDVALIDITY: the server was restored from a backup, or its index built anew";
}

Task<Result<void>> SourceBack::note(MailboxStatus stated) {
  const std::string what = what_went_back(stated);
  context_.problem(Error(ErrorKind::server_bug, what)
                       .scope(Scope::mailbox)
                       .remedy("its messages are compared anew; what it lost stays in the vault, and on the target "
                               "until `postern guard ack` lets it go")
                       .at(record_.name.display()));
  if (is_resumed()) co_return {};
  auto noted = co_await note_source_back(context_.vault, record_);
  co_return noted;
}

Task<Result<UidSet>> SourceBack::others(UidSet uids) {
  UidSet found;
  for (const UidSet& page : uids.split(kPage, kEveryUid)) {
    auto others = co_await others_of(page);
    if (!others) co_return others;
    found = found.united(*others);
  }
  co_return found;
}

Task<Result<UidSet>> SourceBack::others_of(UidSet page) {
  UidSet others = page;  // what is not listed too
  auto listed = co_await source_.identities(page, false, context_.wait);
  if (!listed) co_return fail(listed.error());
  auto entries = co_await entries_of(context_.vault, record_.id, record_.uidvalidity, page);
  if (!entries) co_return fail(entries.error());
  std::map<Uid, const Entry*> held;
  for (const Entry& one : *entries) held.emplace(one.place.uid, &one);
  for (const ListedMessage& one : *listed) {
    const auto found = held.find(one.uid);
    if (found == held.end()) continue;
    const std::int64_t stated = one.internaldate.unix_seconds;  // 0: not stated
    const bool another_date = stated != 0 && stated != found->second->internaldate.unix_seconds;
    if (!another_date && one.stated_size == found->second->size) others.remove(one.uid);
  }
  co_return others;
}

Task<Result<std::vector<FlagReport>>> SourceBack::flags_of(const UidSet& page) {
  auto reports = co_await source_.flags({page.min().value(), page.max().value()}, std::nullopt, context_.wait);
  if (reports) std::erase_if(*reports, [&page](const FlagReport& one) { return !page.contains(one.uid); });
  co_return reports;
}

Task<Result<void>> SourceBack::sweep_flags(UidSet uids) {
  for (const UidSet& page : uids.split(kPage, kEveryUid)) {
    auto reports = co_await flags_of(page);
    if (!reports) co_return fail(reports.error());
    auto kept = co_await keep_on_target(*reports);
    if (!kept) co_return fail(kept.error());
    for (const auto& [uid, flags] : *kept) {
      for (const std::string& flag : flags) ++lost_[flag];
    }
    auto submitted =
        co_await submit_flag_changes(context_, pipe_, record_.id, record_.uidvalidity, page, std::move(*reports));
    if (!submitted) co_return submitted;
  }
  report_lost();
  co_return {};
}

Task<Result<void>> SourceBack::keep_flags(UidSet others) {
  for (const UidSet& page : others.split(kPage, kEveryUid)) {
    auto reports = co_await flags_of(page);
    if (!reports) co_return fail(reports.error());
    auto kept = co_await keep_on_target(*reports);
    if (!kept) co_return fail(kept.error());
    UidSet keeping;
    for (const auto& [uid, flags] : *kept) keeping.add(uid);
    auto entries = co_await entries_of(context_.vault, record_.id, record_.uidvalidity, std::move(keeping));
    if (!entries) co_return fail(entries.error());
    for (const Entry& one : *entries)
      kept_.insert_or_assign(one.place.uid, Kept{one.digest, std::move(kept->at(one.place.uid))});
  }
  co_return {};
}

Task<Result<void>> SourceBack::report_kept() {
  UidSet uids;
  for (const auto& [uid, kept] : kept_) uids.add(uid);
  auto entries = co_await entries_of(context_.vault, record_.id, record_.uidvalidity, std::move(uids));
  if (!entries) co_return fail(entries.error());
  lost_.clear();
  for (const Entry& one : *entries) {
    const Kept& before = kept_.at(one.place.uid);
    if (one.vanished || one.digest != before.digest) continue;
    for (const std::string& flag : before.flags) ++lost_[flag];
  }
  report_lost();
  co_return {};
}

/// Both sides agree no more on a flag that the source has lost, before the vault has lost it: nobody took it away, so
/// nobody is told to. \Deleted goes: a message that is to stay again must not be expunged. Gives the flags by message.
Task<Result<SourceBack::Losses>> SourceBack::keep_on_target(const std::vector<FlagReport>& reports) {
  Losses kept;
  if (context_.options.target.empty()) co_return kept;
  std::map<Uid, const FlagReport*> stated;
  UidSet uids;
  for (const FlagReport& one : reports) stated[one.uid] = &one;
  for (const auto& [uid, report] : stated) uids.add(uid);
  auto entries = co_await entries_of(context_.vault, record_.id, record_.uidvalidity, std::move(uids));
  if (!entries) co_return fail(entries.error());
  Losses lost;
  UidSet losing;
  for (const Entry& one : *entries) {
    FlagSet gone = one.flags.delta_to(stated.at(one.place.uid)->flags).remove;
    gone.erase("\\Deleted");
    if (gone.empty()) continue;
    losing.add(one.place.uid);
    lost.emplace(one.place.uid, context_.options.keywords.to_target(gone));
  }
  if (losing.empty()) co_return kept;
  auto target = co_await context_.vault.target_id(context_.options.target);
  if (!target) co_return fail(target.error());
  Vault::TargetChanges changes;
  for (const UidRange& range : losing.ranges()) {
    auto bound = co_await context_.vault.bindings(*target, record_.id, record_.uidvalidity, range, kPage);
    if (!bound) co_return fail(bound.error());
    for (Binding& one : *bound) {
      FlagSet flags = one.agreed.intersected(lost.at(one.place.uid));
      if (flags.empty()) continue;
      for (const std::string& flag : flags) one.agreed.erase(flag);
      kept.insert_or_assign(one.place.uid, std::move(flags));
      changes.bind.push_back(std::move(one));
    }
  }
  if (changes.bind.empty()) co_return kept;
  auto looked = co_await look_anew_at_target();
  if (!looked) co_return fail(looked.error());
  auto agreed = co_await context_.vault.commit_target(*target, std::move(changes));
  if (!agreed) co_return fail(agreed.error());
  co_return kept;
}

/// With `flags: two_way` the next look at the target is a first one, and brings back what the source lost.
Task<Result<void>> SourceBack::look_anew_at_target() {
  auto target = co_await context_.vault.target_id(context_.options.target);
  if (!target) co_return fail(target.error());
  auto recorded = co_await context_.vault.target_mailboxes(*target);
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) {
    if (one.source != record_.id || (!one.flags_read && !one.flags_part)) continue;
    one.flags_read.reset();
    one.flags_part.reset();
    auto put = co_await context_.vault.put_target_mailbox(*target, std::move(one));
    if (!put) co_return put;
  }
  co_return {};
}

void SourceBack::report_lost() {
  constexpr std::size_t kNames = 5, kName = 200;  // octets
  std::string what;
  std::size_t named = 0;
  for (const auto& [flag, messages] : lost_) {
    if (++named > kNames) break;
    what += (what.empty() ? "" : ", ") + std::to_string(messages) + " messages lost " + flag.substr(0, kName);
  }
  if (what.empty()) return;
  if (named > kNames) what += ", and others more";
  context_.problem(Error(ErrorKind::server_bug, what + " at the source, which went back; the target keeps it")
                       .scope(Scope::mailbox)
                       .remedy("set at the source what is missing there; it is the target's own until then")
                       .at(record_.name.display()));
}

/// Before the history says that it vanished: by the pass that plans what becomes of it on the target UIDNEXT may have
/// caught up, and nothing would show why. All of it: what had come under a UID anew may have been expunged since, so
/// that below UIDNEXT too nobody need have deleted the message that is held.
Task<Result<void>> SourceBack::hold(UidSet vanished, std::uint64_t of) {
  if (vanished.empty() || context_.options.target.empty()) co_return {};
  auto target = co_await context_.vault.target_id(context_.options.target);
  if (!target) co_return fail(target.error());
  auto holds = co_await context_.vault.guard_holds(*target);
  if (!holds) co_return fail(holds.error());
  GuardHold hold;
  hold.mailbox = record_.id;
  hold.target = *target;
  hold.reason = GuardHold::Reason::server_reverted;
  hold.uidvalidity = record_.uidvalidity;
  hold.uids = std::move(vanished);
  hold.of = of;
  hold.since = context_.scheduler.wall();
  for (const GuardHold& one : *holds) {
    if (one.mailbox == hold.mailbox && one.uidvalidity == hold.uidvalidity) hold.uids = hold.uids.united(one.uids);
  }
  hold.detail = "the source went back to an earlier state: " + std::to_string(hold.uids.size()) + " of " +
                std::to_string(hold.of) + " messages vanished";
  Vault::TargetChanges changes;
  changes.hold.push_back(std::move(hold));
  auto noted = co_await context_.vault.commit_target(*target, std::move(changes));
  co_return noted;
}

}  // namespace postern::sync
