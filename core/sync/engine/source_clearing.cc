#include "core/sync/engine/source_clearing.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/origin.h"
#include "core/sync/engine/read_back.h"
#include "core/sync/engine/source_back.h"
#include "core/sync/planner/clearing.h"
#include "core/sync/planner/verdict.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::uint32_t kLongLine = 0xffffffff;
constexpr std::size_t kUidNames = 200;  // octets

/// The rest of the account goes on.
bool is_one_mailboxes(const Error& error) {
  return verdict(error) == Verdict::skip_mailbox || verdict(error) == Verdict::skip_message;
}

}  // namespace

Task<Result<void>> SourceClearing::run() {
  auto own = co_await is_own_source(context_);
  if (!own) co_return fail(own.error());
  if (!*own) {
    report_other_source();
    co_return {};
  }
  auto id = co_await context_.vault.target_id(context_.options.target);
  if (!id) co_return fail(id.error());
  id_ = *id;
  auto whole = co_await replayed_to_the_end();
  if (!whole) co_return fail(whole.error());
  if (!*whole) co_return {};
  auto served = co_await serve();
  report_altered();
  report_not_handed_out();
  report_others();
  co_return served;
}

/// Again and again while connections break. What a session made durable is not done again by the next one.
Task<Result<void>> SourceClearing::serve() {
  while (true) {
    const std::uint64_t before = progress_;
    auto ended = co_await session();
    if (ended || verdict(ended.error()) != Verdict::reconnect) co_return ended;
    if (progress_ != before) reconnects_.progressed();
    auto paused = co_await reconnects_.pause(ended.error(), context_.wait);
    if (!paused) co_return paused;
  }
}

/// A connection to the target, and one to the source.
Task<Result<void>> SourceClearing::session() {
  work_.clear();
  other_sizes_ = unlike_ = 0;
  auto gathered = co_await gather();
  if (!gathered) co_return gathered;
  auto looked = co_await visit_target();
  if (!looked) co_return looked;
  auto cleared = co_await visit_source();
  co_return cleared;
}

/// What the target was not told of yet would be lost there with the message.
Task<Result<bool>> SourceClearing::replayed_to_the_end() {
  auto end = co_await context_.vault.history_end();
  if (!end) co_return fail(end.error());
  auto cursor = co_await context_.vault.target_cursor(id_);
  if (!cursor) co_return fail(cursor.error());
  co_return !(*cursor < *end);
}

Task<Result<void>> SourceClearing::gather() {
  auto mailboxes = co_await context_.vault.mailboxes();
  if (!mailboxes) co_return fail(mailboxes.error());
  auto recorded = co_await context_.vault.target_mailboxes(id_);
  if (!recorded) co_return fail(recorded.error());
  auto holds = co_await context_.vault.guard_holds(id_);
  if (!holds) co_return fail(holds.error());
  std::set<MailboxId> held;
  for (const GuardHold& one : *holds) {
    held.insert(one.mailbox);
  }
  for (const MailboxRecord& one : *mailboxes) {
    const auto target =
        std::find_if(recorded->begin(), recorded->end(), [&](const auto& row) { return row.source == one.id; });
    const bool followed = one.present && one.selectable && one.cursor && context_.wants(one.name);
    if (followed && one.cursor->uidnext == kUidnextToCompare) continue;
    if (!followed || target == recorded->end() || !target->adopted) continue;
    if (held.contains(one.id) || left_.contains(one.id)) continue;
    ClearingWork work{one, *target, {}, {}, {}, {}};
    auto gathered = co_await gather(work);
    if (!gathered) co_return gathered;
    if (!work.unread.empty() || !work.altered.empty() || !work.due.empty()) work_.push_back(std::move(work));
  }
  co_return {};
}

Task<Result<void>> SourceClearing::gather(ClearingWork& work) {
  auto known = co_await context_.vault.known_uids(work.source.id, work.source.uidvalidity);
  if (!known) co_return fail(known.error());
  for (const UidRange& range : known->ranges()) {
    std::uint64_t from = range.first;
    while (from <= range.last) {
      auto page = co_await context_.vault.bindings(id_, work.source.id, work.source.uidvalidity,
                                                   {static_cast<std::uint32_t>(from), range.last}, kPage);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      for (const Binding& one : *page) judge(context_, work, one);
      from = std::uint64_t{page->back().place.uid.value()} + 1;
    }
  }
  co_return {};
}

Task<Result<void>> SourceClearing::visit_target() {
  const bool needed = std::any_of(work_.begin(), work_.end(),
                                  [](const ClearingWork& one) { return !one.unread.empty() || !one.due.empty(); });
  if (!needed) co_return {};
  auto target = co_await target_.connect(context_.wait);
  if (!target) co_return fail(target.error());
  reconnects_.connected();
  Result<void> looked;
  for (ClearingWork& one : work_) {
    if (one.unread.empty() && one.due.empty()) continue;
    ReadBack read_back(context_, **target, id_, one);
    looked = co_await read_back.run();
    progress_ += read_back.progress();
    if (looked) continue;
    Error error = looked.error();
    error.at(one.target.name.display()).at(context_.options.target);
    one.due = {};
    if (!is_one_mailboxes(error)) {
      looked = fail(std::move(error));
      break;
    }
    leave(one.source.id, std::move(error));
    looked = {};
  }
  if (looked) co_await (*target)->close();
  context_.report.target->commands += (*target)->commands_sent();
  co_return looked;
}

/// One mailbox alone is not gone on with in this pass.
void SourceClearing::leave(MailboxId mailbox, Error error) {
  left_.insert(mailbox);
  context_.problem(std::move(error));
}

void SourceClearing::report_other_source() {
  context_.problem(Error(ErrorKind::permission, "nothing is deleted at the source: " + context_.options.origin +
                                                    " is not the account that filled the vault")
                       .remedy("look at source.host and source.user; if they are right, `postern guard ack " +
                               context_.options.account + "` says so"));
}

void SourceClearing::report_others() {
  const auto report = [this](std::uint64_t count, std::string_view why) {
    if (count == 0) return;
    context_.problem(Error(
        ErrorKind::message,
        std::to_string(count) + " messages are not deleted at the source, which states another " + std::string(why)));
  };
  report(other_sizes_, "RFC822.SIZE than what it handed out");
  report(unlike_, "header or INTERNALDATE than when it handed them out");
}

/// It was restored from a backup, and UIDNEXT has caught up since, or nobody has pulled since.
Task<Result<void>> SourceClearing::leave_restored(const MailboxRecord& source, std::string_view shown) {
  leave(source.id, Error(ErrorKind::server_bug, "the source shows " + std::string(shown) +
                                                    " under the same UIDVALIDITY: it was restored from a backup")
                       .scope(Scope::mailbox)
                       .remedy("nothing is deleted there before the mailbox was compared, in the next pass")
                       .at(source.name.display()));
  auto noted = co_await note_source_back(context_.vault, source);
  co_return noted;
}

void SourceClearing::report_altered() {
  for (const ClearingWork& one : work_) {
    if (one.altered.empty()) continue;
    context_.problem(Error(ErrorKind::message, "the target altered the octets of " +
                                                   std::to_string(one.altered.size()) + " messages: UIDs " +
                                                   one.altered.to_string().substr(0, kUidNames))
                         .remedy("they are never deleted at the source")
                         .at(one.source.name.display()));
  }
}

void SourceClearing::report_not_handed_out() {
  for (const ClearingWork& one : work_) {
    if (one.not_handed_out.empty()) continue;
    context_.problem(Error(ErrorKind::server_bug, "the target does not hand out its UIDs " +
                                                      one.not_handed_out.to_string().substr(0, kUidNames))
                         .scope(Scope::message)
                         .remedy("these messages stay at the source; read or delete them on the target")
                         .at(one.target.name.display())
                         .at(context_.options.target));
  }
}

Task<Result<void>> SourceClearing::visit_source() {
  const bool needed = std::any_of(work_.begin(), work_.end(), [](const ClearingWork& one) { return !one.due.empty(); });
  if (!needed) co_return {};
  auto writer = co_await source_.connect(context_.wait);
  if (!writer) co_return fail(writer.error());
  reconnects_.connected();
  Result<void> cleared;
  if (!(*writer)->can_expunge()) {
    for (ClearingWork& one : work_) one.due = {};
    context_.problem(Error(ErrorKind::permission, "the source has no UIDPLUS, so that nothing is deleted there")
                         .remedy("take delete_source away, and delete there by hand"));
  }
  for (ClearingWork& one : work_) {
    if (one.due.empty()) continue;
    cleared = co_await clear(**writer, one);
    if (cleared) continue;
    Error error = cleared.error();
    error.at(one.source.name.display());
    if (!is_one_mailboxes(error)) {
      cleared = fail(std::move(error));
      break;
    }
    leave(one.source.id, std::move(error));
    cleared = {};
  }
  if (cleared) co_await (*writer)->close();
  context_.report.source.commands += (*writer)->commands_sent();
  co_return cleared;
}

Task<Result<void>> SourceClearing::clear(SourceWriter& writer, ClearingWork& work) {
  auto opened = co_await writer.open(work.source.name, context_.wait);
  if (!opened) co_return fail(opened.error());
  if (opened->read_only) {
    co_return fail(Error(ErrorKind::permission, "the source's mailbox is open for reading only")
                       .scope(Scope::mailbox)
                       .remedy("give the source account the right to delete, or take delete_source away"));
  }
  if (opened->uidvalidity != work.source.uidvalidity || opened->uid_not_sticky) {
    log::info(context_.options.account + ": " + work.source.name.display() +
              ": nothing is deleted: its UIDVALIDITY is another one than when it was pulled");
    co_return {};
  }
  if (opened->uidnext != 0 && opened->uidnext < work.source.cursor->uidnext) {
    auto left = co_await leave_restored(work.source, "a smaller UIDNEXT");
    co_return left;
  }
  for (UidSet& part : work.due.split(kClearingPart, kLongLine)) {
    auto cleared = co_await clear_part(writer, work, std::move(part));
    if (!cleared || left_.contains(work.source.id)) co_return cleared;
  }
  co_return {};
}

Task<Result<void>> SourceClearing::clear_part(SourceWriter& writer, const ClearingWork& work, UidSet uids) {
  auto messages = co_await bound_messages(context_, id_, work, uids);
  if (!messages) co_return fail(messages.error());
  auto shown = co_await look(writer, *messages, std::move(uids));
  if (!shown) co_return fail(shown.error());
  if (std::find(shown->begin(), shown->end(), Listed::another_message) != shown->end()) {
    auto left = co_await leave_restored(work.source, "another message");
    co_return left;
  }
  UidSet chosen;
  Vault::TargetChanges changes;
  const WallTime now = context_.scheduler.wall();
  for (std::size_t i = 0; i < messages->size(); ++i) {
    BoundMessage& one = (*messages)[i];
    const Place& place = one.entry.place;
    const std::optional<Listed> state = (*shown)[i];
    if (!state) {
      if (one.binding.leaving) ++context_.report.source.deleted;  // the answer was lost
      continue;
    }
    if (state == Listed::another_size) ++other_sizes_;
    if (state == Listed::unlike) ++unlike_;
    if (state != Listed::as_held) continue;
    auto whole = co_await readable(one.entry);
    if (!whole) co_return fail(whole.error());
    if (!*whole) continue;
    chosen.add(place.uid);
    if (one.binding.leaving) continue;  // interrupted: it has its row
    one.binding.leaving = true;
    changes.audit.push_back({now, AuditRecord::Action::source_expunged, TargetId{}, place, one.entry.digest,
                             work.source.name.display(), place.uidvalidity, place.uid});
    changes.bind.push_back(std::move(one.binding));
  }
  if (chosen.empty()) co_return {};
  if (!changes.bind.empty()) {
    auto noted = co_await context_.vault.commit_target(id_, std::move(changes));
    if (!noted) co_return noted;
  }
  const std::uint64_t count = chosen.size();
  auto expunged = co_await writer.expunge(std::move(chosen), context_.wait);
  if (!expunged) co_return expunged;
  context_.report.source.deleted += count;
  progress_ += count;
  co_return {};
}

/// How the source shows `messages`, in their order; none: it does not.
Task<Result<std::vector<std::optional<Listed>>>> SourceClearing::look(SourceWriter& writer,
                                                                      const std::vector<BoundMessage>& messages,
                                                                      UidSet uids) {
  auto listed = co_await writer.list(std::move(uids), context_.wait);
  if (!listed) co_return fail(listed.error());
  std::vector<Digest> digests;
  for (const BoundMessage& one : messages) digests.push_back(one.entry.digest);
  auto held = co_await context_.vault.identities(std::move(digests));
  if (!held) co_return fail(held.error());
  std::map<Uid, const ListedMessage*> there;
  for (const ListedMessage& one : *listed) there.emplace(one.uid, &one);
  std::vector<std::optional<Listed>> shown(messages.size());
  for (std::size_t i = 0; i < messages.size() && i < held->size(); ++i) {
    const Entry& entry = messages[i].entry;
    const auto seen = there.find(entry.place.uid);
    if (seen != there.end()) shown[i] = compare(entry, (*held)[i], *seen->second);
  }
  co_return shown;
}

/// The vault hands the message out to its last octet, and they hash to its digest.
Task<Result<bool>> SourceClearing::readable(const Entry& entry) {
  auto octets = co_await context_.vault.open_object(entry.digest);
  while (octets) {
    auto piece = co_await (*octets)->next(context_.wait);
    if (piece && piece->empty()) co_return true;
    if (piece) continue;
    octets = fail(piece.error());
  }
  Error error = octets.error();
  if (error.scope() != Scope::message && error.kind() != ErrorKind::not_found) co_return fail(std::move(error));
  error.remedy("it stays at the source").at("UID " + std::to_string(entry.place.uid.value()));
  if (unreadable_.insert(entry.place).second) context_.problem(std::move(error));
  co_return false;
}

}  // namespace postern::sync
