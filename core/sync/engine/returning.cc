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

/// What the target would not have of the older message says nothing of the newer.
Task<Result<void>> Returning::clear_quarantine(UidSet uids) {
  if (context_.options.target.empty()) co_return {};
  auto target = co_await context_.vault.target_id(context_.options.target);
  if (!target) co_return fail(target.error());
  for (const UidSet& one : uids.split(1)) {
    auto cleared = co_await context_.quarantine.clear({mailbox_.id, mailbox_.uidvalidity, one.min()},
                                                      Quarantine::Stage::append, *target);
    if (!cleared) co_return cleared;
  }
  co_return {};
}

Task<Result<void>> Returning::compare() {
  if (before_.empty()) co_return {};
  auto durable = co_await pipe_.drain();
  if (!durable) co_return durable;
  UidSet uids;
  for (const Entry& old : before_) {
    const std::uint32_t uid = old.place.uid.value();
    auto now = co_await context_.vault.entries(mailbox_.id, mailbox_.uidvalidity, {uid, uid}, 1);
    if (!now) co_return fail(now.error());
    if (now->empty() || now->front().vanished || now->front().digest == old.digest) continue;
    uids.add(old.place.uid);
  }
  if (uids.empty()) co_return {};
  auto cleared = co_await clear_quarantine(uids);
  if (!cleared) co_return cleared;
  context_.problem(Error(ErrorKind::server_bug,
                         "the server gave UIDs to other messages (UID reuse): " + uids.to_string().substr(0, kNamed))
                       .remedy("the older messages stay in the history: `postern ls --at` shows a moment before")
                       .at(mailbox_.name.display()));
  co_return {};
}

}  // namespace postern::sync
