#include "core/sync/engine/own_flags.h"

#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/entry_reader.h"
#include "core/sync/planner/flag_look.h"

namespace postern::sync {
namespace {

constexpr std::size_t kPage = 2'000;
constexpr std::size_t kWindow = 50'000;  // bound messages among which changed ones are asked for at a time
constexpr std::size_t kFlagName = 200;   // octets
constexpr std::uint32_t kLongLine = 0xffffffff;

}  // namespace

Task<Result<void>> OwnFlags::distrust() {
  const OpenedTarget& opened = mailbox_.opened();
  if (!went_back(record_.flags_read, {opened.highestmodseq, opened.uidnext})) co_return {};
  log::info(mailbox_.context().options.account + ": " + mailbox_.name().display() +
            ": the target's mailbox went back to an earlier state; flags that it lost are nobody's change");
  record_.flags_read.reset();
  auto put = co_await mailbox_.context().vault.put_target_mailbox(mailbox_.id(), record_);
  co_return put;
}

Task<Result<void>> OwnFlags::look(bool opened_before) {
  Context& context = mailbox_.context();
  if (context.own_flags == nullptr || !record_.adopted) co_return {};
  if (context.unsettled.contains(mailbox_.source().id)) co_return {};
  if (opened_before) {
    auto opened = co_await mailbox_.open();
    if (!opened) co_return opened;
  }
  const WallTime now = context.scheduler.wall();
  const ModSeq stated = mailbox_.opened().highestmodseq;
  const FlagLook how = flag_look(record_.flags_read, {stated, mailbox_.uidnext()}, now, context.options.flag_sweep);
  if (how == FlagLook::none) co_return {};
  const std::optional<FlagsPart> part = resumed();
  if (part) looked_at_ = Place{mailbox_.source().id, part->uidvalidity, part->uid};
  const FlagCursor stands{stated, mailbox_.uidnext(), how == FlagLook::all ? now : record_.flags_read->swept};
  const FlagCursor begun = part ? part->begun : stands;
  wishes_.uidvalidity = mailbox_.source().uidvalidity;
  wishes_.first = !record_.flags_read;
  Result<void> read;
  if (how == FlagLook::all) {
    read = co_await read_all();
  } else {
    read = co_await read_changed();
  }
  if (!read) co_return read;
  // Of more than one look gathers, the share of what it gathered.
  const auto mass = losses_.in_a_mass(is_full() ? wished_ : bound_, context.options.guard);
  wishes_.reached = begun;
  if (is_full()) wishes_.reached = FlagsPart{looked_at_->uidvalidity, looked_at_->uid, begun};
  if (!mass.empty()) {
    auto withheld = co_await withhold(mass);
    if (!withheld) co_return withheld;
  }
  if (wished_ != 0) {
    context.own_flags->insert_or_assign(mailbox_.source().id, std::move(wishes_));
    co_return {};
  }
  note_reached(record_, wishes_.reached);
  auto put = co_await context.vault.put_target_mailbox(mailbox_.id(), record_);
  co_return put;
}

/// Where the part before ended. It says nothing of another generation, nor of a target that has gone back since.
std::optional<FlagsPart> OwnFlags::resumed() const {
  const std::optional<FlagsPart>& part = record_.flags_part;
  if (!part || part->uidvalidity != mailbox_.source().uidvalidity) return std::nullopt;
  const FlagState stated{mailbox_.opened().highestmodseq, mailbox_.uidnext()};
  return went_back(part->begun, stated) ? std::nullopt : part;
}

Task<Result<std::map<Uid, FlagSet>>> OwnFlags::flags(UidSet uids, std::optional<ModSeq> since) {
  std::map<Uid, FlagSet> now;
  for (const UidSet& line : uids.split(kWindow)) {
    auto reports = co_await mailbox_.target().flags(line, since, mailbox_.context().wait);
    if (!reports) co_return fail(reports.error());
    for (FlagReport& one : *reports) {
      if (line.contains(one.uid)) now.insert_or_assign(one.uid, std::move(one.flags));
    }
  }
  co_return now;
}

Task<Result<std::vector<Binding>>> OwnFlags::bindings_after(std::optional<Place> after) {
  return mailbox_.context().vault.all_bindings(mailbox_.id(), mailbox_.source().id, after, kPage);
}

/// Of this generation on both sides, and not on its way out.
bool OwnFlags::is_followed(const Binding& binding) const {
  return binding.target_uidvalidity == mailbox_.opened().uidvalidity &&
         binding.place.uidvalidity == mailbox_.source().uidvalidity && !binding.leaving;
}

void OwnFlags::collect(const std::vector<Binding>& bindings, std::vector<UidRange>& uids) {
  for (const Binding& one : bindings) {
    if (!is_followed(one)) continue;
    ++bound_;
    uids.push_back({one.target_uid.value(), one.target_uid.value()});
  }
}

/// None when all was looked at.
Task<Result<std::optional<OwnFlags::Window>>> OwnFlags::next_window() {
  std::optional<Place> last = looked_at_;
  std::vector<UidRange> uids;
  bool any = false;
  while (uids.size() < kWindow) {
    auto page = co_await bindings_after(last);
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    any = true;
    last = page->back().place;
    collect(*page, uids);
  }
  if (!any) co_return std::nullopt;
  co_return Window{*last, UidSet::collect(std::move(uids))};
}

/// The bindings are read twice, those of a window in which nothing changed once.
Task<Result<void>> OwnFlags::read_changed() {
  while (!is_full()) {
    auto window = co_await next_window();
    if (!window) co_return fail(window.error());
    if (!*window) break;
    auto now = co_await flags((*window)->uids, record_.flags_read->highestmodseq);
    if (!now) co_return fail(now.error());
    if (now->empty()) looked_at_ = (*window)->last;
    while (looked_at_ != (*window)->last && !is_full()) {
      auto page = co_await bindings_after(looked_at_);
      if (!page) co_return fail(page.error());
      if (page->empty()) break;
      looked_at_ = page->back().place;
      auto matched = co_await match(std::move(*page), *now);
      if (!matched) co_return matched;
    }
  }
  co_return {};
}

Task<Result<void>> OwnFlags::read_all() {
  while (!is_full()) {
    auto page = co_await bindings_after(looked_at_);
    if (!page) co_return fail(page.error());
    if (page->empty()) break;
    looked_at_ = page->back().place;
    std::vector<UidRange> uids;
    collect(*page, uids);
    if (uids.empty()) continue;
    auto now = co_await flags(UidSet::collect(std::move(uids)), std::nullopt);
    if (!now) co_return fail(now.error());
    auto matched = co_await match(std::move(*page), *now);
    if (!matched) co_return matched;
  }
  co_return {};
}

/// `now`: the target's flags of some of `bindings`.
Task<Result<void>> OwnFlags::match(std::vector<Binding> bindings, const std::map<Uid, FlagSet>& now) {
  const MailboxRecord& source = mailbox_.source();
  std::map<Uid, Binding> differing;  // by UID at the source
  UidSet uids;
  for (Binding& one : bindings) {
    if (!is_followed(one)) continue;
    const auto there = now.find(one.target_uid);
    if (there == now.end() || there->second == one.agreed) continue;
    uids.add(one.place.uid);
    differing.emplace(one.place.uid, std::move(one));
  }
  auto entries = co_await entries_of(mailbox_.context().vault, source.id, source.uidvalidity, std::move(uids));
  if (!entries) co_return fail(entries.error());
  const std::uint32_t looked_at = record_.flags_read ? record_.flags_read->uidnext : 1;
  const KeywordMap& keywords = mailbox_.context().options.keywords;
  std::vector<Binding> agreed;
  for (const Entry& entry : *entries) {
    if (entry.vanished) continue;
    Binding& binding = differing.at(entry.place.uid);
    const bool first = binding.target_uid.value() >= looked_at;
    OwnChange own = own_change(binding.agreed, keywords.to_target(entry.flags), now.at(binding.target_uid), first);
    losses_.add(entry.place.uid, own.to_source.remove);
    FlagDelta to_source = keywords.to_source(own.to_source);
    if (!to_source.empty()) {
      wishes_.groups.add(entry.place.uid, std::move(to_source));
      ++wished_;
    }
    if (own.agreed == binding.agreed) continue;
    binding.agreed = std::move(own.agreed);
    agreed.push_back(std::move(binding));
  }
  auto bound = co_await mailbox_.bind(std::move(agreed), std::nullopt);
  co_return bound;
}

/// What so many messages lost stays at the source, as at a first look: it is agreed on no more. Until that is durable
/// as a whole the mailbox counts as never looked at, or what is left of the mass would look like a few.
Task<Result<void>> OwnFlags::withhold(const std::map<std::string, UidSet>& mass) {
  report(mass);
  record_.flags_read.reset();
  auto put = co_await mailbox_.context().vault.put_target_mailbox(mailbox_.id(), record_);
  if (!put) co_return put;
  FlagSet flags;
  for (const auto& [flag, uids] : mass) {
    flags.insert(flag);
    auto done = co_await disagree(flag, uids);
    if (!done) co_return done;
  }
  leave_out(flags);
  co_return {};
}

Task<Result<void>> OwnFlags::disagree(const std::string& flag, const UidSet& uids) {
  const MailboxRecord& source = mailbox_.source();
  for (const UidSet& part : uids.split(kPage, kLongLine)) {
    std::vector<Binding> agreed;
    for (const UidRange& range : part.ranges()) {
      auto bound =
          co_await mailbox_.context().vault.bindings(mailbox_.id(), source.id, source.uidvalidity, range, kPage);
      if (!bound) co_return fail(bound.error());
      for (Binding& one : *bound) {
        one.agreed.erase(flag);
        agreed.push_back(std::move(one));
      }
    }
    auto done = co_await mailbox_.bind(std::move(agreed), std::nullopt);
    if (!done) co_return done;
  }
  co_return {};
}

/// `flags`, in the target's words, are taken away from no message at the source.
void OwnFlags::leave_out(const FlagSet& flags) {
  const FlagSet words = mailbox_.context().options.keywords.to_source(FlagDelta{{}, flags}).remove;
  FlagGroups rest;
  wished_ = 0;
  for (const auto& [delta, uids] : wishes_.groups.groups()) {
    FlagDelta left = delta;
    for (const std::string& word : words) left.remove.erase(word);
    if (left.empty()) continue;
    uids.for_each([&](Uid uid) { rest.add(uid, left); });
    wished_ += uids.size();
  }
  wishes_.groups = std::move(rest);
}

void OwnFlags::report(const std::map<std::string, UidSet>& mass) {
  Context& context = mailbox_.context();
  for (const auto& [flag, uids] : mass) {
    context.problem(Error(ErrorKind::permission, std::to_string(uids.size()) + " messages lost " +
                                                     flag.substr(0, kFlagName) +
                                                     " on the target at once; the source keeps it")
                        .scope(Scope::mailbox)
                        .remedy("where a person took it away, take it away at the source too; else the target lost it")
                        .at(mailbox_.name().display())
                        .at(context.options.target));
  }
}

}  // namespace postern::sync
