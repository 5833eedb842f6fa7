#include "core/sync/engine/flag_changes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/sync/engine/entry_reader.h"
#include "core/sync/planner/mailbox_diff.h"

namespace postern::sync {
namespace {

constexpr std::uint32_t kEveryOctet = 0xffffffff;
constexpr std::size_t kPage = 2'000;  // entries compared and flag changes committed at a time

}  // namespace

Task<Result<void>> submit_flag_changes(Context& context, CommitPipe& pipe, MailboxId mailbox, UidValidity uidvalidity,
                                       UidSet held, std::vector<FlagReport> reports) {
  std::stable_sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.uid < b.uid; });
  UidSet uids;
  for (const FlagReport& report : reports) {
    if (report.uid.value() != 0) uids.add(report.uid);
  }
  auto next = reports.begin();
  for (const UidSet& page : uids.intersected(held).split(kPage, kEveryOctet)) {
    auto entries = co_await entries_of(context.vault, mailbox, uidvalidity, page);
    if (!entries) co_return fail(entries.error());
    const auto end = std::find_if(next, reports.end(), [&](const auto& one) { return one.uid > page.max(); });
    MailboxChanges changes;
    changes.mailbox = mailbox;
    changes.uidvalidity = uidvalidity;
    changes.flags = changed_flags({std::make_move_iterator(next), std::make_move_iterator(end)}, *entries);
    next = end;
    if (!changes.flags.empty()) pipe.submit(std::move(changes));
  }
  co_return {};
}

}  // namespace postern::sync
