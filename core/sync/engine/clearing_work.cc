#include "core/sync/engine/clearing_work.h"

#include <cstdint>
#include <map>
#include <utility>

#include "core/sync/engine/entry_reader.h"
#include "core/sync/planner/clearing.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 10'000;

}  // namespace

void judge(const Context& context, ClearingWork& work, const Binding& binding) {
  switch (clearance(binding, work.target.uidvalidity, context.scheduler.wall(), *context.options.delete_source)) {
    case Clearance::cleared:
      return work.due.add(binding.place.uid);
    case Clearance::unverified:
      return work.unread.add(binding.place.uid);
    case Clearance::altered:
      return work.altered.add(binding.place.uid);
    case Clearance::too_early:
    case Clearance::elsewhere:
      return;
  }
}

Task<Result<void>> forget_clearings(Context& context, TargetId target, const MailboxRecord& source, UidSet entered) {
  for (const UidRange& range : entered.ranges()) {
    std::uint64_t from = range.first;
    while (from <= range.last) {
      auto page = co_await context.vault.bindings(target, source.id, source.uidvalidity,
                                                  {static_cast<std::uint32_t>(from), range.last}, kPage);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      from = std::uint64_t{page->back().place.uid.value()} + 1;
      Vault::TargetChanges changes;
      for (Binding& one : *page) {
        if (!one.leaving) continue;
        one.leaving = false;
        one.verified = WallTime();
        changes.bind.push_back(std::move(one));
      }
      if (changes.bind.empty()) continue;
      auto forgotten = co_await context.vault.commit_target(target, std::move(changes));
      if (!forgotten) co_return forgotten;
    }
  }
  co_return {};
}

Task<Result<std::vector<BoundMessage>>> bound_messages(Context& context, TargetId target, const ClearingWork& work,
                                                       UidSet uids) {
  std::vector<BoundMessage> found;
  auto entries = co_await entries_of(context.vault, work.source.id, work.source.uidvalidity, uids);
  if (!entries) co_return fail(entries.error());
  if (entries->empty()) co_return found;
  std::map<Place, Binding> bindings;
  for (const UidRange& range : uids.ranges()) {
    auto page = co_await context.vault.bindings(target, work.source.id, work.source.uidvalidity, range,
                                                range.last - range.first + std::size_t{1});
    if (!page) co_return fail(page.error());
    for (Binding& one : *page) bindings.emplace(one.place, std::move(one));
  }
  for (Entry& entry : *entries) {
    const auto binding = bindings.find(entry.place);
    if (entry.vanished || binding == bindings.end()) continue;
    if (binding->second.target_uidvalidity != work.target.uidvalidity) continue;
    found.push_back({std::move(entry), std::move(binding->second)});
  }
  co_return found;
}

}  // namespace postern::sync
