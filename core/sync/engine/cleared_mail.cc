#include "core/sync/engine/cleared_mail.h"

#include <algorithm>
#include <string>
#include <utility>

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;

/// Those bindings of a source mailbox that say `leaving` and of which the opened generation of the target's is not
/// known to have the message, a page at a time: empty at the end.
class ClearedPages {
 public:
  explicit ClearedPages(TargetMailbox& mailbox) : ClearedPages(mailbox, mailbox.source().id) {}
  ClearedPages(TargetMailbox& mailbox, MailboxId source) : mailbox_(mailbox), source_(source) {}
  Task<Result<std::vector<Binding>>> next();

 private:
  TargetMailbox& mailbox_;
  const MailboxId source_;
  std::optional<Place> after_;
};

Task<Result<std::vector<Binding>>> ClearedPages::next() {
  while (true) {
    auto page = co_await mailbox_.context().vault.all_bindings(mailbox_.id(), source_, after_, kPage);
    if (!page || page->empty()) co_return page;
    after_ = page->back().place;
    std::erase_if(*page, [this](const Binding& one) {
      return !one.leaving || one.target_uidvalidity == mailbox_.opened().uidvalidity;
    });
    if (!page->empty()) co_return page;
  }
}

void report_given_up(TargetMailbox& mailbox, std::uint64_t count) {
  Context& context = mailbox.context();
  context.problem(Error(ErrorKind::message, "the target's mailbox was made anew or restored, and lacks " +
                                                std::to_string(count) +
                                                " messages that the source does not have either; they are not sent "
                                                "again")
                      .remedy("the vault has them: `postern export --at` brings them out")
                      .at(mailbox.name().display())
                      .at(context.options.target));
}

}  // namespace

Task<Result<UidSet>> lost_cleared_mail(TargetMailbox& mailbox) {
  UidSet lost;
  ClearedPages pages(mailbox);
  while (true) {
    auto page = co_await pages.next();
    if (!page) co_return fail(page.error());
    if (page->empty()) co_return lost;
    for (const Binding& one : *page) {
      const bool current = one.place.uidvalidity == mailbox.source().uidvalidity;
      if (current && one.target_uidvalidity == kNowhere) lost.add(one.place.uid);
    }
  }
}

Task<Result<void>> give_up_cleared_mail(TargetMailbox& mailbox, bool source_gone) {
  UidSet at_source;
  if (!source_gone) {
    auto known = co_await mailbox.context().vault.known_uids(mailbox.source().id, mailbox.source().uidvalidity);
    if (!known) co_return fail(known.error());
    at_source = std::move(*known);
  }
  std::uint64_t given_up = 0;
  ClearedPages pages(mailbox);
  while (true) {
    auto page = co_await pages.next();
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    std::vector<Place> places;
    for (const Binding& one : *page) {
      const bool current = !source_gone && one.place.uidvalidity == mailbox.source().uidvalidity;
      const bool sent = one.target_uidvalidity == kNowhere || at_source.contains(one.place.uid);
      if (!current || !sent) places.push_back(one.place);
    }
    given_up += places.size();
    auto forgotten = co_await mailbox.bind({}, std::nullopt, std::move(places));
    if (!forgotten) co_return forgotten;
  }
  if (given_up != 0) report_given_up(mailbox, given_up);
  co_return {};
}

Task<Result<void>> report_cleared_of_gone(TargetMailbox& mailbox) {
  auto all = co_await mailbox.context().vault.mailboxes();
  if (!all) co_return fail(all.error());
  std::uint64_t lost = 0;
  for (const MailboxRecord& one : *all) {
    if (one.present || !mailbox.is_shared_with(one.id)) continue;
    ClearedPages pages(mailbox, one.id);
    while (true) {
      auto page = co_await pages.next();
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      lost += static_cast<std::uint64_t>(std::count_if(
          page->begin(), page->end(), [](const Binding& held) { return held.target_uidvalidity == kNowhere; }));
    }
  }
  if (lost != 0) report_given_up(mailbox, lost);
  co_return {};
}

}  // namespace postern::sync
