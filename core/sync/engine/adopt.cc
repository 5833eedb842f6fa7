#include "core/sync/engine/adopt.h"

#include <algorithm>
#include <map>

#include "core/sync/planner/quirk.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::uint32_t kLastUid = 0xffffffff;
constexpr std::size_t kHashWindow = 500;  // messages downloaded between two durable steps
constexpr std::size_t kUidNames = 200;    // octets

/// Every entry of the current generation that is unbound and has not vanished, or was deleted at the source by Postern
/// itself, and what was agreed on its flags before the target mailbox was made anew.
struct Unbound {
  std::vector<Entry> entries;
  std::map<Uid, Binding> once_bound;
};
Task<Result<Unbound>> find_unbound(TargetMailbox& mailbox) {
  Unbound unbound;
  std::uint64_t from = 1;
  while (from <= kLastUid) {
    auto rows = co_await mailbox.rows({static_cast<std::uint32_t>(from), kLastUid}, kPage);
    if (!rows) co_return fail(rows.error());
    if (rows->empty()) break;
    from = std::uint64_t{rows->back().entry.place.uid.value()} + 1;
    for (TargetMailbox::Row& row : *rows) {
      if (row.binding || (row.entry.vanished && !row.is_cleared())) continue;
      if (row.once_bound) unbound.once_bound.emplace(row.entry.place.uid, std::move(*row.once_bound));
      unbound.entries.push_back(std::move(row.entry));
    }
  }
  co_return unbound;
}

/// What was agreed before the target mailbox was made anew; `now`: the message's flags there.
FlagSet once_agreed(const Binding& once, const std::vector<StoreIntent>& stores, const FlagSet& now) {
  FlagSet agreed = once.agreed;
  for (const StoreIntent& store : stores) {
    const bool meant = store.uidvalidity == once.target_uidvalidity && store.uids.contains(once.target_uid);
    if (meant) agreed = agreed_after_store(agreed, store.delta, now);
  }
  return agreed;
}

/// Bindings whose places are of an older generation of the source.
Task<Result<std::vector<OldBinding>>> old_bindings(TargetMailbox& mailbox) {
  std::vector<OldBinding> old;
  Vault& vault = mailbox.context().vault;
  const MailboxRecord& source = mailbox.source();
  std::optional<Place> after;
  while (true) {
    auto page = co_await vault.all_bindings(mailbox.id(), source.id, after, kPage);
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    after = page->back().place;
    const bool reached_current = !(after->uidvalidity < source.uidvalidity);
    auto first = page->begin();
    while (first != page->end() && first->place.uidvalidity < source.uidvalidity) {
      const UidValidity generation = first->place.uidvalidity;
      const auto last =
          std::find_if(first, page->end(), [&](const Binding& one) { return one.place.uidvalidity != generation; });
      const UidRange span{first->place.uid.value(), (last - 1)->place.uid.value()};
      // Entries without a binding may lie in between: page until the last bound one is reached.
      std::map<Uid, Entry> held;
      std::uint64_t from = span.first;
      while (from <= span.last) {
        auto entries =
            co_await vault.entries(source.id, generation, {static_cast<std::uint32_t>(from), span.last}, kPage);
        if (!entries) co_return fail(entries.error());
        if (entries->empty()) break;
        from = std::uint64_t{entries->back().place.uid.value()} + 1;
        for (Entry& entry : *entries) held.emplace(entry.place.uid, std::move(entry));
      }
      for (; first != last; ++first) {
        const auto entry = held.find(first->place.uid);
        if (entry == held.end()) continue;
        const KeywordMap& keywords = mailbox.context().options.keywords;
        old.push_back({*first, entry->second.digest, keywords.to_target(entry->second.flags), entry->second.vanished});
      }
    }
    if (reached_current) break;
  }
  // Those to a generation of the target that is no more hand on what was agreed; those that still hold go first.
  std::stable_partition(old.begin(), old.end(), [&](const OldBinding& one) {
    return one.binding.target_uidvalidity == mailbox.opened().uidvalidity;
  });
  co_return old;
}

void report_lost(TargetMailbox& mailbox, const std::string& flag, std::uint64_t messages) {
  mailbox.context().problem(
      Error(ErrorKind::server_bug, std::to_string(messages) + " messages lost " + flag.substr(0, kUidNames) +
                                       " at the source with a new UIDVALIDITY; the target keeps it")
          .scope(Scope::mailbox)
          .remedy("set at the source what is missing there; it is the target's own until then")
          .at(mailbox.source().name.display()));
}

/// The comparison of one target mailbox with the entries that have no place in it.
class Adoption {
 public:
  Adoption(TargetMailbox& mailbox, std::vector<StoreIntent> stores) : mailbox_(mailbox), stores_(std::move(stores)) {}
  Task<Result<UidSet>> run();

 private:
  Task<Result<void>> ask(const UidSet& window);
  Task<Result<void>> bind_equal(const std::vector<KnownDigest>& known);
  Task<Result<void>> bind(std::vector<Match> matches);
  UidSet report_unread();

  TargetMailbox& mailbox_;
  const std::vector<StoreIntent> stores_;  // meant for older generations of the target mailbox
  Unbound unbound_;
  std::vector<Candidate> candidates_;
  std::vector<Wanted> wanted_;
  Matching found_;  // all that is bound so far
  UidSet unread_;   // candidates that the target does not hand out
};

Task<Result<UidSet>> Adoption::run() {
  auto unbound = co_await find_unbound(mailbox_);
  if (!unbound) co_return fail(unbound.error());
  unbound_ = std::move(*unbound);
  if (unbound_.entries.empty()) co_return UidSet();
  auto candidates = co_await mailbox_.unbound_from(1);
  if (!candidates) co_return fail(candidates.error());
  candidates_ = std::move(*candidates);
  auto wanted = co_await mailbox_.wanted(unbound_.entries);
  if (!wanted) co_return fail(wanted.error());
  wanted_ = std::move(*wanted);
  Matching matching = match_by_identity(wanted_, candidates_);
  auto bound = co_await bind(std::move(matching.sure));
  if (!bound) co_return fail(bound.error());
  const UidSet to_ask = matching.ask.united(maybe_with_tuid(wanted_, candidates_));
  for (const UidSet& window : ask_in_windows(candidates_, to_ask, kHashWindow)) {
    auto asked = co_await ask(window);
    if (!asked) co_return fail(asked.error());
  }
  co_return report_unread();
}

/// Hashes one window of candidates and binds what they turn out to be. What it leaves open is gone meanwhile, or not
/// handed out, or was in one command with such a message: it is asked for alone.
Task<Result<void>> Adoption::ask(const UidSet& window) {
  auto known = co_await mailbox_.digests_handed_out(window);
  if (!known) co_return fail(known.error());
  auto bound = co_await bind_equal(*known);
  if (!bound) co_return bound;
  auto open = co_await mailbox_.not_handed_out(window, *known);
  if (!open) co_return fail(open.error());
  for (const UidRange& range : open->ranges()) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) {
      const Uid one(static_cast<std::uint32_t>(uid));
      auto alone = co_await mailbox_.digests_handed_out(UidSet::range(one.value(), one.value()));
      if (!alone) co_return fail(alone.error());
      if (alone->empty()) unread_.add(one);
      bound = co_await bind_equal(*alone);
      if (!bound) co_return bound;
    }
  }
  co_return {};
}

/// What is the same octet by octet, as it is or without the line that mbsync adds.
Task<Result<void>> Adoption::bind_equal(const std::vector<KnownDigest>& known) {
  auto bound = co_await bind(match_by_digest(wanted_, candidates_, known, found_));
  if (!bound) co_return bound;
  std::vector<Match> altered = match_without_tuid(wanted_, candidates_, known, found_);
  mailbox_.context().tolerated(quirk::kAlteredCopy, altered.size());
  bound = co_await bind(std::move(altered));
  co_return bound;
}

/// Durably, window by window: an interruption costs no window twice.
Task<Result<void>> Adoption::bind(std::vector<Match> matches) {
  std::vector<Binding> bindings;
  for (const Match& match : matches) {
    const Candidate& there = candidates_[match.candidate];
    const Entry& entry = unbound_.entries[match.wanted];
    const auto once = unbound_.once_bound.find(entry.place.uid);
    FlagSet agreed = once != unbound_.once_bound.end()
                         ? once_agreed(once->second, stores_, there.flags)
                         : agreed_on_adoption(replayable(entry.flags, mailbox_.flag_support()), there.flags);
    bindings.push_back(mailbox_.binding(entry.place, there.uid, std::move(agreed)));
  }
  const std::uint64_t adopted = bindings.size();
  auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return bound;
  mailbox_.totals().adopted += adopted;
  found_.sure.insert(found_.sure.end(), matches.begin(), matches.end());
  co_return {};
}

UidSet Adoption::report_unread() {
  UidSet held;
  for (const std::size_t i : held_back(wanted_, candidates_, unread_, found_)) held.add(wanted_[i].place.uid);
  if (held.empty()) return held;
  mailbox_.totals().held += held.size();
  mailbox_.context().problem(
      Error(ErrorKind::message, "the target does not hand out its UIDs " + unread_.to_string().substr(0, kUidNames) +
                                    ", and " + std::to_string(held.size()) + " messages may be these")
          .remedy("they are not sent, lest they stand there twice; read or delete those UIDs on the target")
          .at(mailbox_.name().display()));
  return held;
}

}  // namespace

Task<Result<Rebinding>> plan_rebinding(TargetMailbox& mailbox) {
  auto old = co_await old_bindings(mailbox);
  if (!old) co_return fail(old.error());
  if (old->empty()) co_return Rebinding();
  auto fresh = co_await find_unbound(mailbox);
  if (!fresh) co_return fail(fresh.error());
  std::erase_if(fresh->entries, [](const Entry& one) { return one.vanished; });
  Rebinding plan = rebind(fresh->entries, *old);
  for (const auto& [flag, uids] : plan.lost.in_a_mass(plan.bind.size(), mailbox.context().options.guard)) {
    plan.keeps_flags = true;
    report_lost(mailbox, flag, uids.size());
    for (Binding& one : plan.bind) {
      if (uids.contains(one.place.uid)) one.agreed.erase(flag);
    }
  }
  co_return plan;
}

Task<Result<UidSet>> adopt(TargetMailbox& mailbox, std::vector<StoreIntent> stores) {
  if (mailbox.opened().messages == 0) co_return UidSet();
  auto loaded = co_await mailbox.load_bound();
  if (!loaded) co_return fail(loaded.error());
  Adoption adoption(mailbox, std::move(stores));
  auto held = co_await adoption.run();
  co_return held;
}

}  // namespace postern::sync
