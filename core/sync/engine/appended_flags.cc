#include "core/sync/engine/appended_flags.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/flag_run.h"
#include "core/sync/planner/dropped_flags.h"
#include "core/sync/planner/quirk.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 1'000;

}  // namespace

Task<Result<void>> AppendedFlags::check(const std::vector<Intent>& intents, Keywords keywords) {
  Context& context = mailbox_.context();
  if (context.append_flags == AppendFlags::lost) co_return {};
  if (context.append_flags == AppendFlags::kept && kept_) co_return {};
  auto messages = co_await bound(intents, keywords);
  if (!messages) co_return fail(messages.error());
  if (messages->empty()) co_return {};
  auto flags = co_await dropped(*messages);
  if (!flags) co_return fail(flags.error());
  if (flags->empty()) {
    kept_ = true;
    co_return {};
  }
  auto done = co_await set(std::move(*messages), std::move(*flags));
  co_return done;
}

/// The items that had flags, with where they are bound now.
Task<Result<std::vector<AppendedFlags::Message>>> AppendedFlags::bound(const std::vector<Intent>& intents,
                                                                       Keywords keywords) {
  std::vector<Message> messages;
  for (const Intent& intent : intents) {
    std::map<Place, Message> wanted;
    for (const Intent::Item& item : intent.items) {
      if (item.place.uidvalidity != mailbox_.source().uidvalidity) continue;
      Message one;
      one.all = replayable(item.flags, mailbox_.flag_support());
      const bool judged = keywords == Keywords::sent && !without_keywords_.contains(item.place);
      for (const std::string& flag : one.all) {
        if (judged || flag.front() == '\\') one.sent.insert(flag);
      }
      if (!one.sent.empty()) wanted.emplace(item.place, std::move(one));
    }
    if (wanted.empty()) continue;
    UidRange range{wanted.begin()->first.uid.value(), wanted.rbegin()->first.uid.value()};
    while (true) {
      auto page = co_await mailbox_.context().vault.bindings(mailbox_.id(), mailbox_.source().id,
                                                             mailbox_.source().uidvalidity, range, kPage);
      if (!page) co_return fail(page.error());
      for (Binding& binding : *page) {
        const auto item = wanted.find(binding.place);
        if (item == wanted.end() || binding.target_uidvalidity != mailbox_.opened().uidvalidity) continue;
        item->second.binding = std::move(binding);
        messages.push_back(std::move(item->second));
        wanted.erase(item);
      }
      if (page->size() < kPage || wanted.empty()) break;
      range.first = page->back().place.uid.value() + 1;
    }
  }
  co_return messages;
}

/// Which flags the target dropped. Leaves the messages that lack some of them.
Task<Result<FlagSet>> AppendedFlags::dropped(std::vector<Message>& messages) {
  UidSet uids;
  std::sort(messages.begin(), messages.end(),
            [](const Message& a, const Message& b) { return a.binding.target_uid < b.binding.target_uid; });
  for (const Message& one : messages) uids.add(one.binding.target_uid);
  auto reports = co_await mailbox_.target().flags(std::move(uids), std::nullopt, mailbox_.context().wait);
  if (!reports) co_return fail(reports.error());
  std::map<Uid, FlagSet> now;
  for (FlagReport& one : *reports) now.insert_or_assign(one.uid, std::move(one.flags));
  std::vector<ReadBack> read;
  for (const Message& one : messages) {
    const auto shown = now.find(one.binding.target_uid);
    if (shown != now.end()) read.push_back({one.sent, shown->second});
  }
  FlagSet flags = dropped_flags(read);
  std::erase_if(messages, [&](const Message& one) {
    return one.sent.intersected(flags).empty() || !now.contains(one.binding.target_uid);
  });
  co_return flags;
}

/// By STORE. What both sides agree on is made true first, so that whoever comes after an interruption sets them too.
Task<Result<void>> AppendedFlags::set(std::vector<Message> messages, FlagSet flags) {
  Context& context = mailbox_.context();
  if (context.append_flags == AppendFlags::kept) {
    log::info(context.options.account + ": " + mailbox_.name().display() +
              ": the target drops flags of appended messages; they are set by STORE: " + flags.to_string());
  }
  context.tolerated(quirk::kAppendFlagsDropped, messages.size());
  std::vector<Binding> bindings;
  FlagRun run(mailbox_);
  for (Message& one : messages) {
    for (const std::string& flag : flags) {
      if (one.sent.contains(flag)) one.binding.agreed.erase(flag);
    }
    bindings.push_back(one.binding);
    Entry entry;
    entry.place = one.binding.place;
    entry.flags = one.all;
    run.add(entry, one.binding);
  }
  auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
  if (!bound) co_return bound;
  context.progress.replay_total += messages.size();
  auto stored = co_await run.run();
  if (!stored) co_return stored;
  run.report_refused();
  if (std::exchange(context.append_flags, AppendFlags::stored) == AppendFlags::stored) co_return {};
  auto still = co_await dropped(messages);
  if (!still) co_return fail(still.error());
  if (still->empty()) co_return {};
  context.append_flags = AppendFlags::lost;
  context.problem(Error(ErrorKind::server_bug,
                        "the target says OK to APPEND and to STORE and does not keep flags: " + still->to_string())
                      .remedy("the messages are there without them; the vault keeps them")
                      .at(mailbox_.name().display())
                      .at(context.options.target));
  co_return {};
}

}  // namespace postern::sync
