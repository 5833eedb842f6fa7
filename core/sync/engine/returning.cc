#include "core/sync/engine/returning.h"

#include <string>
#include <utility>

#include "core/sync/engine/entry_reader.h"

namespace postern::sync {
namespace {

constexpr std::size_t kNamed = 60;  // octets of a UID set that are shown

}  // namespace

Task<Result<void>> Returning::load(UidSet fetch) {
  auto held = co_await entries_of(context_.vault, mailbox_.id, mailbox_.uidvalidity, std::move(fetch));
  if (!held) co_return fail(held.error());
  before_ = std::move(*held);
  co_return {};
}

Task<Result<void>> Returning::compare() {
  if (before_.empty()) co_return {};
  auto durable = co_await pipe_.drain();
  if (!durable) co_return durable;
  std::vector<Place> changed;
  UidSet uids;
  for (const Entry& old : before_) {
    const std::uint32_t uid = old.place.uid.value();
    auto now = co_await context_.vault.entries(mailbox_.id, mailbox_.uidvalidity, {uid, uid}, 1);
    if (!now) co_return fail(now.error());
    if (now->empty() || now->front().vanished || now->front().digest == old.digest) continue;
    changed.push_back(old.place);
    uids.add(old.place.uid);
  }
  if (changed.empty()) co_return {};
  auto unbound = co_await unbind(std::move(changed));
  if (!unbound) co_return unbound;
  context_.problem(Error(ErrorKind::server_bug,
                         "the server gave UIDs to other messages (UID reuse): " + uids.to_string().substr(0, kNamed))
                       .remedy("the older messages stay in the history: `postern ls --at` shows a moment before")
                       .at(mailbox_.name.display()));
  co_return {};
}

Task<Result<void>> Returning::unbind(std::vector<Place> places) {
  if (context_.options.target.empty()) co_return {};
  auto target = co_await context_.vault.target_id(context_.options.target);
  if (!target) co_return fail(target.error());
  Vault::TargetChanges changes;
  for (const Place& place : places) {
    const UidRange one{place.uid.value(), place.uid.value()};
    auto bound = co_await context_.vault.bindings(*target, place.mailbox, place.uidvalidity, one, 1);
    if (!bound) co_return fail(bound.error());
    if (!bound->empty()) changes.unbind.push_back(place);
  }
  if (changes.unbind.empty()) co_return {};
  auto done = co_await context_.vault.commit_target(*target, std::move(changes));
  co_return done;
}

}  // namespace postern::sync
