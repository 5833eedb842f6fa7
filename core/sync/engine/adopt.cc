#include "core/sync/engine/adopt.h"

#include <algorithm>
#include <map>

#include "core/sync/planner/rebind.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;
constexpr std::uint32_t kLastUid = 0xffffffff;

/// Every entry of the current generation that is unbound and has not vanished, and what was agreed on its flags before
/// the target mailbox was made anew.
struct Unbound {
  std::vector<Entry> entries;
  std::map<Uid, FlagSet> once_agreed;
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
      if (row.binding || row.entry.vanished) continue;
      if (row.once_agreed) unbound.once_agreed.emplace(row.entry.place.uid, std::move(*row.once_agreed));
      unbound.entries.push_back(std::move(row.entry));
    }
  }
  co_return unbound;
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
      std::map<Uid, Digest> digests;
      std::uint64_t from = span.first;
      while (from <= span.last) {
        auto entries =
            co_await vault.entries(source.id, generation, {static_cast<std::uint32_t>(from), span.last}, kPage);
        if (!entries) co_return fail(entries.error());
        if (entries->empty()) break;
        for (const Entry& entry : *entries) digests.emplace(entry.place.uid, entry.digest);
        from = std::uint64_t{entries->back().place.uid.value()} + 1;
      }
      for (; first != last; ++first) {
        const auto digest = digests.find(first->place.uid);
        if (digest == digests.end()) continue;
        old.push_back({*first, digest->second});
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

}  // namespace

Task<Result<void>> rebind_generations(TargetMailbox& mailbox) {
  auto old = co_await old_bindings(mailbox);
  if (!old) co_return fail(old.error());
  if (old->empty()) co_return {};
  auto fresh = co_await find_unbound(mailbox);
  if (!fresh) co_return fail(fresh.error());
  Rebinding plan = rebind(fresh->entries, *old);
  auto bound = co_await mailbox.bind(std::move(plan.bind), std::nullopt, std::move(plan.unbind));
  co_return bound;
}

Task<Result<void>> adopt(TargetMailbox& mailbox) {
  if (mailbox.opened().messages == 0) co_return {};
  auto loaded = co_await mailbox.load_bound();
  if (!loaded) co_return loaded;
  auto unbound = co_await find_unbound(mailbox);
  if (!unbound) co_return fail(unbound.error());
  const std::vector<Entry>& entries = unbound->entries;
  if (entries.empty()) co_return {};
  auto candidates = co_await mailbox.unbound_from(1);
  if (!candidates) co_return fail(candidates.error());
  if (candidates->empty()) co_return {};
  auto wanted = co_await mailbox.wanted(entries);
  if (!wanted) co_return fail(wanted.error());
  Matching matching = match_by_identity(*wanted, *candidates);
  auto known = co_await mailbox.digests(matching.ask);
  if (!known) co_return fail(known.error());
  const auto equal = match_by_digest(*wanted, *candidates, *known, matching);
  matching.sure.insert(matching.sure.end(), equal.begin(), equal.end());
  std::vector<Binding> bindings;
  for (const Match& match : matching.sure) {
    const Candidate& there = (*candidates)[match.candidate];
    const Entry& entry = entries[match.wanted];
    const auto once = unbound->once_agreed.find(entry.place.uid);
    FlagSet agreed = once != unbound->once_agreed.end()
                         ? once->second
                         : agreed_on_adoption(replayable(entry.flags, mailbox.flag_support()), there.flags);
    bindings.push_back(mailbox.binding(entry.place, there.uid, std::move(agreed)));
  }
  const std::uint64_t adopted = bindings.size();
  auto bound = co_await mailbox.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return bound;
  mailbox.totals().adopted += adopted;
  co_return {};
}

}  // namespace postern::sync
