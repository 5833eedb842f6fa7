#include "core/sync/engine/went_back.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/sync/engine/cleared_mail.h"
#include "core/sync/engine/entry_reader.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::size_t kHashWindow = 500;  // messages downloaded at a time

/// All that is bound to the opened mailbox, compared with what is there, page by page.
class BoundComparison {
 public:
  explicit BoundComparison(TargetMailbox& mailbox) : mailbox_(mailbox) {}
  Task<Result<void>> run();

 private:
  Task<Result<void>> compare(std::vector<Binding> page);
  Task<Result<std::vector<Wanted>>> contents_of(std::vector<Binding>& page);
  Task<Result<std::vector<TargetMessage>>> shown(const std::vector<Uid>& uids);
  Task<Result<void>> hash(const std::vector<Binding>& page, const std::vector<Wanted>& ours, Survivors& found);
  Task<Result<void>> unverify(std::vector<Binding> kept);
  Task<Result<void>> undo();
  bool below_uidnext(Uid uid) const {
    return mailbox_.opened().uidnext == 0 || uid.value() < mailbox_.opened().uidnext;
  }

  TargetMailbox& mailbox_;
  std::vector<Binding> lost_, missing_;
};

Task<Result<void>> BoundComparison::run() {
  for (const MailboxId source : mailbox_.sharers()) {
    std::optional<Place> after;
    while (true) {
      auto page = co_await mailbox_.context().vault.all_bindings(mailbox_.id(), source, after, kPage);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      after = page->back().place;
      std::erase_if(*page, [&](const auto& one) { return one.target_uidvalidity != mailbox_.opened().uidvalidity; });
      if (page->empty()) continue;
      auto compared = co_await compare(std::move(*page));
      if (!compared) co_return compared;
    }
  }
  auto undone = co_await undo();
  co_return undone;
}

Task<Result<void>> BoundComparison::compare(std::vector<Binding> page) {
  auto ours = co_await contents_of(page);
  if (!ours) co_return fail(ours.error());
  std::vector<Uid> uids;
  for (const Binding& one : page) uids.push_back(one.target_uid);
  auto there = co_await shown(uids);
  if (!there) co_return fail(there.error());
  Survivors found = survivors(*ours, uids, *there, mailbox_.opened().uidnext);
  auto hashed = co_await hash(page, *ours, found);
  if (!hashed) co_return hashed;
  const std::set<std::size_t> lost(found.lost.begin(), found.lost.end());
  const std::set<std::size_t> missing(found.missing.begin(), found.missing.end());
  std::vector<Binding> kept;
  for (std::size_t i = 0; i < page.size(); ++i) {
    (lost.contains(i) ? lost_ : missing.contains(i) ? missing_ : kept).push_back(std::move(page[i]));
  }
  auto unverified = co_await unverify(std::move(kept));
  co_return unverified;
}

Task<Result<std::vector<TargetMessage>>> BoundComparison::shown(const std::vector<Uid>& uids) {
  UidSet below;
  for (const Uid uid : uids) {
    if (below_uidnext(uid)) below.add(uid);
  }
  std::vector<TargetMessage> found;
  for (UidSet& part : below.split(kPage)) {
    auto messages = co_await mailbox_.target().messages(std::move(part), mailbox_.context().wait);
    if (!messages) co_return fail(messages.error());
    std::move(messages->begin(), messages->end(), std::back_inserter(found));
  }
  co_return found;
}

/// What the vault has of them, in order. With `deletes: keep` the target keeps what vanished at the source: it is there
/// alone, as what Postern deleted at the source is, and is looked after in the same way from now on.
Task<Result<std::vector<Wanted>>> BoundComparison::contents_of(std::vector<Binding>& page) {
  const bool keeps = mailbox_.context().options.deletes == Deletes::keep;
  std::map<std::pair<MailboxId, UidValidity>, UidSet> places;
  for (const Binding& one : page) places[{one.place.mailbox, one.place.uidvalidity}].add(one.place.uid);
  std::map<Place, Entry> held;
  for (auto& [generation, uids] : places) {
    auto entries = co_await entries_of(mailbox_.context().vault, generation.first, generation.second, std::move(uids));
    if (!entries) co_return fail(entries.error());
    for (Entry& one : *entries) held.emplace(one.place, std::move(one));
  }
  std::vector<Entry> entries;
  for (Binding& one : page) {
    const auto entry = held.find(one.place);
    if (entry == held.end()) co_return fail(ErrorKind::store, "the vault holds a binding without its entry");
    one.leaving = one.leaving || (keeps && entry->second.vanished);
    entries.push_back(entry->second);
  }
  auto wanted = co_await mailbox_.wanted(std::move(entries));
  co_return wanted;
}

/// Those that the octets have to tell. What the target does not hand out stays bound.
Task<Result<void>> BoundComparison::hash(const std::vector<Binding>& page, const std::vector<Wanted>& ours,
                                         Survivors& found) {
  for (std::size_t at = 0; at < found.ask.size(); at += kHashWindow) {
    std::map<Uid, std::size_t> asked;
    UidSet uids;
    for (std::size_t i = at; i < std::min(found.ask.size(), at + kHashWindow); ++i) {
      asked.emplace(page[found.ask[i]].target_uid, found.ask[i]);
      uids.add(page[found.ask[i]].target_uid);
    }
    auto known = co_await mailbox_.digests_handed_out(std::move(uids));
    if (!known) co_return fail(known.error());
    for (const KnownDigest& one : *known) {
      const auto index = asked.find(one.uid);
      if (index == asked.end()) continue;
      const Digest& own = ours[index->second].digest;
      if (one.digest != own && one.without_tuid != own) found.lost.push_back(index->second);
    }
  }
  co_return {};
}

/// To be read back once more before anything is deleted at the source.
Task<Result<void>> BoundComparison::unverify(std::vector<Binding> kept) {
  std::erase_if(kept, [](const Binding& one) { return one.verified == WallTime(); });
  if (kept.empty()) co_return {};
  for (Binding& one : kept) one.verified = WallTime();
  auto noted = co_await mailbox_.bind(std::move(kept), std::nullopt);
  co_return noted;
}

/// From the first UID on that was given out anew nothing is there of what had been. The first goes last: where this is
/// cut off, the next comparison learns the same from it.
Task<Result<void>> BoundComparison::undo() {
  std::uint32_t anew = mailbox_.opened().uidnext == 0 ? kUidnextToCompare : mailbox_.opened().uidnext;
  for (const Binding& one : lost_) anew = std::min(anew, one.target_uid.value());
  for (Binding& one : missing_) {
    if (one.target_uid.value() >= anew) lost_.push_back(std::move(one));
  }
  missing_.clear();
  std::sort(lost_.begin(), lost_.end(), [](const auto& a, const auto& b) { return b.target_uid < a.target_uid; });
  for (std::size_t at = 0; at < lost_.size(); at += kPage) {
    const auto first = lost_.begin() + static_cast<std::ptrdiff_t>(at);
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(kPage, lost_.size() - at));
    auto undone = co_await mailbox_.unbind({first, last});
    if (!undone) co_return undone;
  }
  co_return {};
}

/// For all whose records name it, else for those that share it: they need a first contact, and its UIDNEXT is
/// `uidnext`.
/// Gives whether one of them knew of a UIDNEXT above the one that is stated.
Task<Result<bool>> mark(TargetMailbox& mailbox, std::uint32_t uidnext, bool by_record) {
  bool lower = false;
  const std::uint32_t stated = mailbox.opened().uidnext;
  Vault& vault = mailbox.context().vault;
  auto recorded = co_await vault.target_mailboxes(mailbox.id());
  if (!recorded) co_return fail(recorded.error());
  for (TargetMailboxRecord& one : *recorded) {
    const bool shares = mailbox.sharers().contains(one.source) || (by_record && one.name == mailbox.name());
    if (!shares || (!one.adopted && one.uidnext == uidnext)) continue;
    lower = lower || (stated != 0 && stated < one.uidnext && one.uidnext != kUidnextToCompare);
    one.adopted = false;
    one.uidnext = uidnext;
    auto put = co_await vault.put_target_mailbox(mailbox.id(), std::move(one));
    if (!put) co_return fail(put.error());
  }
  co_return lower;
}

}  // namespace

bool went_back(const TargetMailbox& mailbox, const TargetMailboxRecord& known) {
  return went_back(known, mailbox.name(), mailbox.opened().uidvalidity, mailbox.opened().uidnext);
}

Task<Result<void>> note_went_back(TargetMailbox& mailbox) {
  auto noted = co_await mark(mailbox, kUidnextToCompare, true);
  if (!noted) co_return fail(noted.error());
  const std::string what = *noted ? "UIDNEXT went back to " + std::to_string(mailbox.opened().uidnext)
                                  : std::string("other messages have the UIDs of some");
  if (!mailbox.context().went_back.insert(mailbox.name().wire()).second) co_return {};
  mailbox.context().problem(
      Error(
          ErrorKind::server_bug,
          what + " under the same UIDVALIDITY: the target was restored from a backup and gives out UIDs a second time")
          .remedy("its messages are compared anew; what it lost is sent again as far as the source has it, or Postern "
                  "deleted it there")
          .at(mailbox.name().display()));
  co_return {};
}

Error compared_first(const MailboxName& name) {
  return Error(ErrorKind::busy, "the target's mailbox was restored from a backup and is compared first")
      .scope(Scope::mailbox)
      .at(name.display());
}

Task<Result<void>> compare_bound(TargetMailbox& mailbox) {
  auto noted = co_await note_went_back(mailbox);
  if (!noted) co_return noted;
  BoundComparison comparison(mailbox);
  auto compared = co_await comparison.run();
  if (!compared) co_return compared;
  mailbox.context().compared.insert(mailbox.name().wire());
  auto said = co_await report_cleared_of_gone(mailbox);
  if (!said) co_return said;
  // The others' first contacts need not compare it again.
  auto marked = co_await mark(mailbox, highest_known(mailbox.opened().uidnext), false);
  if (!marked) co_return fail(marked.error());
  co_return {};
}

}  // namespace postern::sync
