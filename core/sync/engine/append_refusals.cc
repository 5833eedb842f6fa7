// What an AppendRun does with messages that a target refuses or the vault cannot read: each is tried for what it may be
// refused for, then held back, so that the others go on.

#include <iterator>

#include "core/base/log.h"
#include "core/sync/engine/append_run.h"
#include "core/sync/planner/append_date.h"
#include "core/sync/planner/quirk.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

std::string uid_place(const Entry& entry) { return "UID " + std::to_string(entry.place.uid.value()); }

}  // namespace

/// Whether the refusal may be about one message of the batch. A mailbox that is not there is not.
bool AppendRun::blames_a_message(const Error& error) {
  return error.kind() != ErrorKind::not_found && worth_splitting(error);
}

Task<Result<void>> AppendRun::refused(std::vector<Entry> entries, Error error) {
  if (!blames_a_message(error)) co_return fail(std::move(error));
  if (entries.size() == 1) {
    auto done = co_await refused_alone(std::move(entries.front()), std::move(error));
    co_return done;
  }
  const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
  std::vector<Entry> second(std::make_move_iterator(middle), std::make_move_iterator(entries.end()));
  entries.erase(middle, entries.end());
  auto lower = co_await send(std::move(entries));
  if (!lower) co_return lower;
  auto upper = co_await send(std::move(second));
  co_return upper;
}

std::optional<InternalDate> AppendRun::other_date(const Entry& entry) const {
  return nearest_ordinary_date(entry.internaldate, mailbox_.context().scheduler.wall());
}

/// A keyword that the target takes offence at may be to blame, or a date that it will not have, and either is worth
/// less than the message: it is sent once more without keywords, then with the nearest date that any server takes and
/// its keywords, then with neither. What both sides then agree on has the keywords, so that nothing tries to set them
/// later: those that were not to blame must not be left out.
Task<Result<void>> AppendRun::refused_alone(Entry entry, Error error) {
  const std::string place = mailbox_.context().options.account + ": " + mailbox_.name().display() + ": " +
                            uid_place(entry) + " is refused and sent again ";
  const FlagSet sent = replayable(entry.flags, mailbox_.flag_support());
  if (!(sent.without_keywords() == sent) && without_keywords_.insert(entry.place).second) {
    log::info(place + "without its keywords: " + error.to_string());
    mailbox_.context().tolerated(quirk::kKeywordsLeftOut);
    reconcile_.flags().without_keywords(entry.place, true);
    auto again = co_await send_again(std::move(entry));
    co_return again;
  }
  const auto date = other_date(entry);
  if (date && with_other_date_.insert(entry.place).second) {
    log::info(place + "with the date " + date->to_imap() + " instead of " + entry.internaldate.to_imap() + ": " +
              error.to_string());
    mailbox_.context().tolerated(quirk::kDateRefused);
    without_keywords_.erase(entry.place);
    reconcile_.flags().without_keywords(entry.place, false);
    auto again = co_await send_again(std::move(entry));
    co_return again;
  }
  auto held = co_await quarantine(entry, error);
  co_return held;
}

Task<Result<void>> AppendRun::send_again(Entry entry) {
  std::vector<Entry> alone;
  alone.push_back(std::move(entry));
  auto again = co_await send(std::move(alone));
  co_return again;
}

/// Which of a batch the vault cannot read.
Task<Result<void>> AppendRun::quarantine_damaged(std::vector<Entry> entries) {
  Context& context = mailbox_.context();
  for (const Entry& entry : entries) {
    auto octets = co_await context.vault.open_object(entry.digest);
    std::optional<Error> damage;
    if (!octets) damage = octets.error();
    while (!damage) {
      auto piece = co_await (*octets)->next(context.wait);
      if (!piece) damage = piece.error();
      if (piece && piece->empty()) break;
    }
    if (!damage) continue;
    if (damage->scope() != Scope::message) co_return fail(std::move(*damage));
    auto held = co_await quarantine(entry, *damage);
    if (!held) co_return held;
  }
  co_return {};
}

Task<Result<void>> AppendRun::quarantine(const Entry& entry, const Error& why) {
  Error error = why;
  error.at(uid_place(entry))
      .remedy(
          "the message stays in the vault and is sent again after 1 h, 6 h, 24 h, then weekly; `postern quarantine` "
          "lists it");
  auto put = co_await mailbox_.context().quarantine.put(entry.place, Quarantine::Stage::append, mailbox_.id(), error);
  co_return put;
}

}  // namespace postern::sync
