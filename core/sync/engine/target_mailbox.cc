#include "core/sync/engine/target_mailbox.h"

#include <algorithm>
#include <map>

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::uint32_t kLastUid = 0xffffffff;
constexpr std::uint32_t kBridgedGap = 500;  // asking for a few bound messages again is cheaper than a round trip

/// The UIDs from `first` that are not in `bound`, with runs of up to kBridgedGap bound ones included.
std::vector<UidRange> unbound_ranges(const UidSet& bound, std::uint32_t first) {
  std::vector<UidRange> result;
  std::uint64_t from = first;
  const UidSet above = bound.from(Uid(first));
  for (const UidRange& range : above.ranges()) {
    if (range.first > from) {
      if (!result.empty() && from - result.back().last <= kBridgedGap) {
        result.back().last = range.first - 1;
      } else {
        result.push_back({static_cast<std::uint32_t>(from), range.first - 1});
      }
    }
    from = std::uint64_t{range.last} + 1;
  }
  if (from <= kLastUid) result.push_back({static_cast<std::uint32_t>(from), kLastUid});
  return result;
}

}  // namespace

Task<Result<void>> TargetMailbox::open() {
  auto opened = co_await target_.open(name_, context_.wait);
  if (!opened) co_return fail(opened.error());
  if (opened->read_only) {
    co_return fail(Error(ErrorKind::permission, "the target's mailbox is open for reading only")
                       .remedy("give the target account the right to insert messages and to set flags"));
  }
  if (opened->uidvalidity == kNowhere) {
    co_return fail(
        Error(ErrorKind::server_bug, "the target states no UIDVALIDITY for its mailbox")
            .scope(Scope::mailbox)
            .remedy("its UIDs mean nothing by the next session, so that mail would be sent twice: nothing is"));
  }
  if (was_open_ && opened->uidvalidity != opened_.uidvalidity) {
    co_return fail(ErrorKind::transient, "the target's mailbox was made anew meanwhile");
  }
  was_open_ = true;
  opened_ = std::move(*opened);
  sharers_->opened(opened_.uidvalidity);
  uidnext_ = std::max<std::uint32_t>(1, opened_.uidnext);
  co_return {};
}

Task<Result<void>> TargetMailbox::load_bound() {
  if (sharers_->loaded) co_return {};
  std::vector<std::uint32_t> uids;
  for (const MailboxId source : sharers_->ids) {
    std::optional<Place> after;
    while (true) {
      auto page = co_await context_.vault.all_bindings(id_, source, after, kPage);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      for (const Binding& one : *page) {
        if (one.target_uidvalidity == opened_.uidvalidity) uids.push_back(one.target_uid.value());
      }
      after = page->back().place;
    }
  }
  std::sort(uids.begin(), uids.end());
  for (const std::uint32_t uid : uids) sharers_->bound.add(Uid(uid));
  sharers_->loaded = true;
  co_return {};
}

Task<Result<std::vector<TargetMailbox::Row>>> TargetMailbox::rows(UidRange range, std::size_t limit) {
  std::vector<Row> rows;
  auto entries = co_await context_.vault.entries(source_.id, source_.uidvalidity, range, limit);
  if (!entries) co_return fail(entries.error());
  if (entries->empty()) co_return rows;
  const UidRange span{entries->front().place.uid.value(), entries->back().place.uid.value()};
  auto bindings = co_await context_.vault.bindings(id_, source_.id, source_.uidvalidity, span, entries->size());
  if (!bindings) co_return fail(bindings.error());
  auto bound = bindings->begin();
  for (Entry& entry : *entries) {
    while (bound != bindings->end() && bound->place < entry.place) ++bound;
    entry.flags = context_.options.keywords.to_target(entry.flags);
    Row row{std::move(entry), std::nullopt, std::nullopt};
    if (bound != bindings->end() && bound->place == row.entry.place) {
      note_cleared(*bound);
      if (bound->leaving) row.entry.flags.erase("\\Deleted");  // ours, at the source alone
      (bound->target_uidvalidity == opened_.uidvalidity ? row.binding : row.once_bound) = *bound;
    }
    rows.push_back(std::move(row));
  }
  co_return rows;
}

Task<Result<std::vector<Candidate>>> TargetMailbox::unbound_from(std::uint32_t first) {
  std::vector<Candidate> candidates;
  for (const UidRange& range : unbound_ranges(bound(), first)) {
    auto messages = co_await target_.messages(UidSet::range(range.first, range.last), context_.wait);
    if (!messages) co_return fail(messages.error());
    for (TargetMessage& one : *messages) {
      // "n:*" names the last message even when its UID is below n (RFC 9051 §6.4.9).
      if (one.uid.value() < range.first || one.uid.value() > range.last || is_bound(one.uid)) continue;
      candidates.push_back({one.uid, one.identity, std::move(one.flags), one.internaldate.unix_seconds});
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
  const auto twice =
      std::unique(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.uid == b.uid; });
  candidates.erase(twice, candidates.end());
  co_return candidates;
}

Task<Result<std::vector<Wanted>>> TargetMailbox::wanted(std::vector<Entry> entries) {
  std::vector<Digest> digests;
  for (const Entry& entry : entries) digests.push_back(entry.digest);
  auto identities = co_await context_.vault.identities(std::move(digests));
  if (!identities) co_return fail(identities.error());
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < entries.size() && i < identities->size(); ++i) {
    wanted.push_back({entries[i].place, entries[i].digest, (*identities)[i], entries[i].internaldate.unix_seconds,
                      std::move(entries[i].flags)});
  }
  co_return wanted;
}

Task<Result<std::vector<KnownDigest>>> TargetMailbox::digests(UidSet uids) {
  auto known = co_await digests_handed_out(uids);
  if (!known) co_return known;
  auto unread = co_await not_handed_out(std::move(uids), *known);
  if (!unread) co_return fail(unread.error());
  if (unread->empty()) co_return known;
  co_return fail(not_handed_out_error(*unread));
}

Error TargetMailbox::not_handed_out_error(const UidSet& unread) {
  return Error(ErrorKind::server_bug, "the target does not hand out its UIDs " + unread.to_string().substr(0, 200))
      .scope(Scope::mailbox)
      .remedy("one of them may be a message whose APPEND was not answered: read or delete them there");
}

Task<Result<UidSet>> TargetMailbox::not_handed_out(UidSet uids, const std::vector<KnownDigest>& known) {
  UidSet handed_out;
  for (const KnownDigest& one : known) handed_out.add(one.uid);
  const UidSet missing = uids.without(handed_out);
  UidSet there;
  if (missing.empty()) co_return there;
  auto shown = co_await target_.flags(missing, std::nullopt, context_.wait);
  if (!shown) co_return fail(shown.error());
  for (const FlagReport& one : *shown) {
    if (missing.contains(one.uid)) there.add(one.uid);
  }
  co_return there;
}

Task<Result<std::vector<KnownDigest>>> TargetMailbox::digests_handed_out(UidSet uids) {
  std::vector<KnownDigest> known;
  if (uids.empty()) co_return known;
  auto hashed = co_await target_.digests(std::move(uids), context_.wait);
  if (!hashed) co_return fail(hashed.error());
  for (const Target::Hashed& one : *hashed) known.push_back({one.uid, one.digest, one.without_tuid});
  co_return known;
}

Task<Result<void>> TargetMailbox::bind(std::vector<Binding> bindings, std::optional<IntentId> end_intent,
                                       std::vector<Place> unbind) {
  if (bindings.empty() && !end_intent && unbind.empty()) co_return {};
  auto done = co_await commit({.bind = std::move(bindings), .unbind = std::move(unbind), .end_intent = end_intent});
  co_return done;
}

Task<Result<void>> TargetMailbox::commit(Vault::TargetChanges changes) {
  std::vector<Binding> bindings = changes.bind;
  const std::size_t unbound = changes.unbind.size();
  auto done = co_await context_.vault.commit_target(id_, std::move(changes));
  if (!done) co_return done;
  progress_ += bindings.size() + unbound;
  for (const Binding& one : bindings) {
    if (one.target_uidvalidity != opened_.uidvalidity) continue;
    saw_uid(one.target_uid);
    sharers_->bound.add(one.target_uid);
  }
  co_return {};
}

Binding TargetMailbox::binding(Place place, Uid target_uid, FlagSet agreed) const {
  const bool leaving = cleared_.contains(place);
  return {place, opened_.uidvalidity, target_uid, std::move(agreed), {}, false, leaving};
}

Task<Result<void>> TargetMailbox::unbind(std::vector<Binding> bindings, std::vector<Doubt> doubt) {
  if (bindings.empty()) co_return {};
  Vault::TargetChanges changes;
  for (const Binding& one : bindings) {
    if (one.leaving) {
      changes.bind.push_back({.place = one.place,
                              .target_uidvalidity = kNowhere,
                              .target_uid = {},
                              .agreed = one.agreed,
                              .leaving = true});
    } else {
      changes.unbind.push_back(one.place);
    }
  }
  changes.doubt = std::move(doubt);
  auto done = co_await commit(std::move(changes));
  if (!done) co_return done;
  for (const Binding& one : bindings) sharers_->bound.remove(one.target_uid);
  co_return {};
}

}  // namespace postern::sync
