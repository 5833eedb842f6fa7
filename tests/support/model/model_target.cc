#include "tests/support/model/model_target.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>

#include "core/io/sleep.h"
#include "core/protocol/mime/added_field.h"
#include "tests/support/model/model_delivery.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

class Session final : public sync::Target {
 public:
  Session(ModelServer& server, Faults& faults, Scheduler& scheduler)
      : server_(server), faults_(faults), scheduler_(scheduler) {
    server_.most_sessions = std::max(server_.most_sessions, ++server_.sessions);
    broken_ = server_.sessions > server_.quirks.stable;
  }
  ~Session() override { --server_.sessions; }

  sync::TargetFeatures features() const override {
    const Quirks& quirks = server_.quirks;
    return {quirks.multiappend, quirks.delimiter, quirks.prefix,           quirks.append_limit,
            quirks.move,        quirks.uidplus,   quirks.quota.has_value()};
  }
  std::uint64_t commands_sent() const override { return calls_; }
  Task<Result<std::vector<sync::ListedMailbox>>> list(Wait wait) override;
  Task<Result<std::vector<sync::ListedMailbox>>> list_with_status(Wait wait) override { return list(wait); }
  Task<Result<sync::Creation>> create(MailboxName name, Wait wait) override;
  Task<Result<void>> rename(MailboxName from, MailboxName to, Wait wait) override;
  Task<Result<void>> subscribe(MailboxName name, Wait) override { return set_subscribed(name, true); }
  Task<Result<void>> unsubscribe(MailboxName name, Wait) override { return set_subscribed(name, false); }
  Task<Result<sync::OpenedTarget>> open(MailboxName name, Wait wait) override;
  Task<Result<std::vector<sync::QuotaLimit>>> quota(MailboxName name, Wait wait) override;
  Task<Result<std::vector<sync::TargetMessage>>> messages(UidSet uids, Wait wait) override;
  Task<Result<std::vector<Hashed>>> digests(UidSet uids, Wait wait) override;
  Task<sync::AppendOutcome> append(MailboxName name, std::vector<sync::AppendItem> items, Wait wait) override;
  Task<std::vector<sync::AppendOutcome>> append_each(MailboxName name, std::vector<sync::AppendItem> items,
                                                     Wait wait) override;
  Task<Result<std::vector<sync::FlagReport>>> flags(UidSet uids, std::optional<ModSeq> since, Wait wait) override;
  Task<Result<sync::StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                               Wait wait) override;
  Task<Result<sync::MoveOutcome>> move(UidSet uids, MailboxName to, Wait wait) override;
  Task<Result<void>> expunge(UidSet uids, Wait wait) override;
  Task<Result<void>> remove(MailboxName name, Wait wait) override;
  Task<void> close() override { co_return; }

 private:
  /// Runs `effect` around the fault chosen for this call.
  Task<Result<void>> step(std::string_view call, std::function<Result<void>()> effect);
  Task<Result<void>> set_subscribed(MailboxName name, bool subscribed);
  Result<void> carry(const UidSet& uids, const std::string& to, bool keep, sync::MoveOutcome& outcome);
  ModelMailbox* box() {
    const auto found = server_.boxes().find(opened_);
    return found == server_.boxes().end() ? nullptr : &found->second;
  }

  ModelServer& server_;
  Faults& faults_;
  Scheduler& scheduler_;
  std::string opened_;
  bool broken_ = false;
  std::uint64_t calls_ = 0;
};

Result<void> nothing() { return {}; }

Task<Result<void>> Session::step(std::string_view call, std::function<Result<void>()> effect) {
  ++calls_;
  co_await yield(scheduler_);
  if (broken_) co_return fail(Faults::cut());
  const Fault fault = faults_.next(call);
  if (fault == Fault::killed_before) co_await faults_.killed();
  broken_ =
      fault == Fault::cut_before || fault == Fault::cut_after || fault == Fault::cut_undone || fault == Fault::cut_late;
  if (fault == Fault::cut_before || fault == Fault::cut_undone) co_return fail(Faults::cut());
  auto done = effect();
  if (fault == Fault::killed_after) co_await faults_.killed();
  if (broken_) co_return fail(Faults::cut());
  co_return done;
}

Task<Result<std::vector<sync::ListedMailbox>>> Session::list(Wait) {
  auto reached = co_await step("target.list", nothing);
  if (!reached) co_return fail(reached.error());
  co_return server_.list();
}

Task<Result<sync::Creation>> Session::create(MailboxName name, Wait) {
  const std::string display = server_.accepted(name.display());
  auto creation = sync::Creation::made;
  std::function<Result<void>()> effect = [this, display, &creation]() -> Result<void> {
    ++server_.mutations;
    const std::string& refused = server_.quirks.refuses_name;
    if (!refused.empty() && display.find(refused) != std::string::npos) {
      return fail(ErrorKind::permission, "CREATE refused");
    }
    if (server_.quirks.plain_no_to_create && !server_.spelling(display).empty()) {
      return fail(Error(ErrorKind::permission, "CREATE refused").server_text("NO exists").scope(Scope::mailbox));
    }
    if (server_.spelling(display).empty()) {
      server_.create(display).subscribed = false;
    } else {
      creation = sync::Creation::was_there;
    }
    return {};
  };
  auto done = co_await step("target.create", std::move(effect));
  if (!done) co_return fail(done.error());
  co_return creation;
}

Task<Result<void>> Session::rename(MailboxName from, MailboxName to, Wait) {
  const std::string old_name = from.display(), new_name = to.display();
  std::function<Result<void>()> effect = [this, old_name, new_name]() -> Result<void> {
    ++server_.mutations;
    if (server_.quirks.refuses_rename)
      return fail(Error(ErrorKind::permission, "RENAME refused").scope(Scope::mailbox));
    if (!server_.has(old_name)) return fail(ErrorKind::not_found, "no such mailbox");
    if (server_.has(new_name)) return fail(Error(ErrorKind::permission, "RENAME onto a mailbox").scope(Scope::mailbox));
    if (server_.quirks.rename_is_lost) return {};
    server_.rename(old_name, new_name, server_.quirks.rename_keeps_uids);
    for (auto& [name, box] : server_.boxes()) {  // subscriptions are to names, and stay behind
      if (name == new_name || name.starts_with(new_name + server_.quirks.delimiter)) box.subscribed = false;
    }
    return {};
  };
  auto done = co_await step("target.rename", std::move(effect));
  co_return done;
}

Task<Result<void>> Session::set_subscribed(MailboxName name, bool subscribed) {
  const std::string display = name.display();
  std::function<Result<void>()> effect = [this, display, subscribed]() -> Result<void> {
    ++server_.mutations;
    const std::string name = server_.spelling(display);
    if (name.empty() && subscribed) return fail(ErrorKind::not_found, "no such mailbox");
    if (!name.empty()) server_.box(name).subscribed = subscribed;
    return {};
  };
  auto done = co_await step(subscribed ? "target.subscribe" : "target.unsubscribe", std::move(effect));
  co_return done;
}

Task<Result<sync::OpenedTarget>> Session::open(MailboxName name, Wait) {
  auto reached = co_await step("target.open", nothing);
  if (!reached) co_return fail(reached.error());
  opened_ = server_.spelling(name.display());
  if (!opened_.empty() && opened_ == server_.quirks.busy_mailbox) {
    co_return fail(Error(ErrorKind::busy, "the server refused [INUSE]"));
  }
  if (!opened_.empty() && opened_ == server_.quirks.closed_mailbox) {
    co_return fail(Error(ErrorKind::permission, "the server refused [NOPERM]"));
  }
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return fail(ErrorKind::not_found, "no such mailbox");
  server_.targets_opened.push_back(opened_);
  sync::OpenedTarget opened;
  opened.uidvalidity = mailbox->uidvalidity;
  opened.uidnext = server_.quirks.no_uidnext ? 0 : mailbox->uidnext;
  opened.messages = static_cast<std::uint32_t>(mailbox->messages.size());
  opened.permanent_flags = {"\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"};
  if (server_.quirks.condstore) opened.highestmodseq = mailbox->highestmodseq;
  if (server_.quirks.permanent_flags) {
    opened.any_keyword = false;
    opened.permanent_flags = *server_.quirks.permanent_flags;
  }
  co_return opened;
}

Task<Result<std::vector<sync::QuotaLimit>>> Session::quota(MailboxName, Wait) {
  auto reached = co_await step("target.quota", nothing);
  if (!reached) co_return fail(reached.error());
  std::vector<sync::QuotaLimit> limits;
  const auto& quota = server_.quirks.quota;
  if (!quota || !quota->stated) co_return limits;
  using Resource = sync::QuotaLimit::Resource;
  limits.push_back({"User quota", Resource::storage, (server_.octets_held() + 1023) / 1024, quota->octets / 1024});
  if (quota->messages) limits.push_back({"User quota", Resource::messages, server_.messages_held(), quota->messages});
  co_return limits;
}

Task<Result<std::vector<sync::TargetMessage>>> Session::messages(UidSet uids, Wait) {
  auto reached = co_await step("target.messages", nothing);
  if (!reached) co_return fail(reached.error());
  std::vector<sync::TargetMessage> found;
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return found;
  if (uids.to_string().size() > 8'000) throw std::logic_error("FETCH in a line that is too long");
  if (!uids.intersected(server_.quirks.headers_refused).empty()) {
    co_return fail(
        Error(ErrorKind::server_bug, "the server refused").scope(Scope::mailbox).server_text("NO [SERVERBUG]"));
  }
  for (const auto& [uid, message] : mailbox->messages) {
    const bool is_star = uids.max().value() == 0xffffffff && uid == mailbox->messages.rbegin()->first;
    if (!is_star && !uids.contains(uid)) continue;
    sync::Identity identity = identity_of(message.octets);
    identity.size += static_cast<std::uint64_t>(server_.quirks.size_lie);
    found.push_back({uid, identity, message.date, message.flags});
  }
  co_return found;
}

Task<Result<std::vector<sync::Target::Hashed>>> Session::digests(UidSet uids, Wait) {
  auto reached = co_await step("target.digests", nothing);
  if (!reached) co_return fail(reached.error());
  std::vector<Hashed> hashed;
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return hashed;
  for (const auto& [uid, message] : mailbox->messages) {
    if (!uids.contains(uid) || server_.quirks.refused.contains(uid)) continue;
    Hashed one{uid, digest_of(message.octets)};
    if (const auto line = mime::find_tuid_line(message.octets)) {
      Bytes original = message.octets;
      original.erase(*line, mime::kTuidLine);
      one.without_tuid = digest_of(original);
    }
    hashed.push_back(one);
  }
  co_return hashed;
}

Task<sync::AppendOutcome> Session::append(MailboxName name, std::vector<sync::AppendItem> items, Wait wait) {
  using Fate = sync::AppendOutcome::Fate;
  co_await yield(scheduler_);
  sync::AppendOutcome outcome;
  outcome.fate = Fate::not_sent;
  outcome.error = Faults::cut();
  if (broken_) co_return outcome;
  const Fault fault = faults_.next("target.append");
  if (fault == Fault::killed_before) co_await faults_.killed();
  std::vector<Parcel> parcels;
  for (const sync::AppendItem& item : items) {
    Parcel parcel{{}, item.flags, item.internaldate};
    while (true) {
      auto piece = co_await item.octets->next(wait);
      if (!piece) {
        broken_ = true;  // the announced octets cannot be given
        outcome.error = piece.error();
        co_return outcome;
      }
      if (piece->empty()) break;
      parcel.octets += *piece;
    }
    parcels.push_back(std::move(parcel));
  }
  broken_ = fault != Fault::none && fault != Fault::killed_after;
  if (fault == Fault::cut_before) co_return outcome;
  ++server_.mutations;
  if (auto refused = refusal_of(server_, name.display(), parcels)) {
    if (broken_) co_return outcome;
    outcome.fate = Fate::refused;
    outcome.error = std::move(refused);
    co_return outcome;
  }
  const std::string display = name.display();
  if (fault == Fault::cut_late) {
    ModelServer* server = &server_;
    scheduler_.call_at(scheduler_.now() + 30s, [server, display, parcels] {
      for (const Parcel& one : parcels) server->box(server->spelling(display)).append(one.octets, one.flags, one.date);
    });
  } else if (fault != Fault::cut_undone) {
    outcome.uids = deliver(server_, display, parcels);
  }
  if (fault == Fault::killed_after) co_await faults_.killed();
  if (broken_) {
    outcome.fate = Fate::unknown;
    outcome.uids.clear();
    co_return outcome;
  }
  outcome.fate = Fate::stored;
  outcome.error.reset();
  outcome.uidvalidity = server_.box(server_.spelling(display)).uidvalidity;
  if (server_.quirks.wrong_appenduid) outcome.uidvalidity = UidValidity(outcome.uidvalidity.value() + 7);
  if (server_.quirks.same_appenduid) outcome.uids.assign(outcome.uids.size(), Uid(1));
  if (!server_.quirks.uidplus) outcome.uids.clear();
  co_return outcome;
}

Task<Result<std::vector<sync::FlagReport>>> Session::flags(UidSet uids, std::optional<ModSeq> since, Wait) {
  auto reached = co_await step("target.flags", nothing);
  if (!reached) co_return fail(reached.error());
  std::vector<sync::FlagReport> reports;
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return reports;
  for (const auto& [uid, message] : mailbox->messages) {
    if (!uids.contains(uid) || (since && message.modseq <= *since)) continue;
    reports.push_back({uid, message.flags, server_.quirks.condstore ? message.modseq : ModSeq()});
  }
  co_return reports;
}

/// Pipelined: a connection that breaks takes the last answers with it, and what was written behind them.
Task<std::vector<sync::AppendOutcome>> Session::append_each(MailboxName name, std::vector<sync::AppendItem> items,
                                                            Wait wait) {
  using Fate = sync::AppendOutcome::Fate;
  constexpr std::size_t kAnswersLost = 2;
  std::vector<sync::AppendOutcome> outcomes;
  for (const sync::AppendItem& item : items) {
    const bool was_broken = broken_;
    std::vector<sync::AppendItem> one;
    one.push_back(item);
    auto outcome = co_await append(name, std::move(one), wait);
    outcomes.push_back(std::move(outcome));
    if (was_broken || !broken_) continue;
    for (std::size_t i = 2; i <= kAnswersLost + 1 && i <= outcomes.size(); ++i) {
      sync::AppendOutcome& earlier = outcomes[outcomes.size() - i];
      if (earlier.fate == Fate::refused) break;
      earlier.fate = Fate::unknown;
      earlier.uids.clear();
      earlier.error = Faults::cut();
    }
  }
  co_return outcomes;
}

Task<Result<sync::StoreOutcome>> Session::store_flags(UidSet uids, FlagDelta delta,
                                                      std::optional<ModSeq> unchanged_since, Wait) {
  if (unchanged_since && !server_.quirks.condstore) throw std::logic_error("UNCHANGEDSINCE without CONDSTORE");
  sync::StoreOutcome outcome;
  std::function<Result<void>()> effect = [this, uids, delta, unchanged_since, &outcome]() -> Result<void> {
    ++server_.mutations;
    ModelMailbox* mailbox = box();
    if (!mailbox) return fail(ErrorKind::not_found, "no such mailbox");
    if (server_.quirks.store_busy) return fail(Error(ErrorKind::busy, "the server refused [INUSE]"));
    const std::string& refused = server_.quirks.store_refuses;
    const Error refusal = Error(ErrorKind::server_bug, "the server refused").scope(Scope::mailbox);
    if (!refused.empty() && (delta.add.contains(refused) || delta.remove.contains(refused))) {
      return fail(Error(refusal).server_text("BAD invalid keyword"));
    }
    bool ended = false;
    uids.for_each([&](Uid uid) {
      const auto found = mailbox->messages.find(uid);
      ended = ended || server_.quirks.store_refuses_uids.contains(uid);
      if (ended || found == mailbox->messages.end()) return;
      if (unchanged_since && (server_.quirks.always_modified || found->second.modseq > *unchanged_since)) {
        outcome.modified.add(uid);
      } else {
        FlagSet flags = found->second.flags.applied(delta);
        for (const std::string& flag : server_.quirks.store_drops) flags.erase(flag);
        mailbox->store(uid, std::move(flags));
      }
    });
    if (ended) return fail(Error(refusal).server_text("NO not this one"));
    return {};
  };
  auto done = co_await step("target.store", std::move(effect));
  if (!done) co_return fail(done.error());
  co_return outcome;
}

/// COPY, or MOVE unless `keep`.
Result<void> Session::carry(const UidSet& uids, const std::string& to, bool keep, sync::MoveOutcome& outcome) {
  const Quirks& quirks = server_.quirks;
  ++server_.mutations;
  ModelMailbox* from = box();
  if (!from) return fail(ErrorKind::not_found, "no such mailbox");
  if (!server_.has(to)) return fail(Error(ErrorKind::not_found, "the mailbox is not there").server_text("[TRYCREATE]"));
  if (!quirks.refuses_move.empty() && to.find(quirks.refuses_move) != std::string::npos) {
    return fail(Error(ErrorKind::permission, "not there").server_text("[CANNOT] no"));
  }
  if (quirks.over_quota) return fail(Error(ErrorKind::quota, "the mailbox is full").server_text("[OVERQUOTA] no room"));
  if (quirks.lost_move) return {};
  if (quirks.uidplus && !quirks.silent_move) outcome.uidvalidity = server_.box(to).uidvalidity;
  uids.for_each([&](Uid uid) {
    const auto found = from->messages.find(uid);
    if (found == from->messages.end()) return;
    const ModelMessage message = found->second;
    const Uid there = server_.box(to).append(message.octets, message.flags, message.date, message.email_id);
    if (!keep) from->expunge(uid);
    if (quirks.uidplus && !quirks.silent_move) outcome.moved.push_back({uid, there});
  });
  return {};
}

Task<Result<sync::MoveOutcome>> Session::move(UidSet uids, MailboxName to, Wait wait) {
  sync::MoveOutcome outcome;
  const std::string display = to.display();
  const bool keep = !server_.quirks.move;
  std::function<Result<void>()> effect = [this, uids, display, keep, &outcome] {
    return carry(uids, display, keep, outcome);
  };
  auto carried = co_await step(keep ? "target.copy" : "target.move", std::move(effect));
  if (!carried) co_return fail(carried.error());
  if (keep) {
    auto removed = co_await expunge(uids, std::move(wait));
    if (!removed) co_return fail(removed.error());
  }
  co_return outcome;
}

Task<Result<void>> Session::expunge(UidSet uids, Wait wait) {
  FlagDelta delta;
  delta.add = {"\\Deleted"};
  auto marked = co_await store_flags(uids, std::move(delta), std::nullopt, std::move(wait));
  if (!marked) co_return fail(marked.error());
  if (!server_.quirks.uidplus) co_return {};
  std::function<Result<void>()> effect = [this, uids]() -> Result<void> {
    ++server_.mutations;
    ModelMailbox* mailbox = box();
    if (!mailbox) return fail(ErrorKind::not_found, "no such mailbox");
    uids.for_each([&](Uid uid) {
      const auto found = mailbox->messages.find(uid);
      if (found != mailbox->messages.end() && found->second.flags.contains("\\Deleted")) mailbox->expunge(uid);
    });
    return {};
  };
  auto done = co_await step("target.expunge", std::move(effect));
  co_return done;
}

Task<Result<void>> Session::remove(MailboxName name, Wait) {
  const std::string display = name.display();
  std::function<Result<void>()> effect = [this, display]() -> Result<void> {
    ++server_.mutations;
    server_.remove(display);
    if (opened_ == display) opened_.clear();
    return {};
  };
  auto done = co_await step("target.remove", std::move(effect));
  co_return done;
}

}  // namespace

Task<Result<std::unique_ptr<sync::Target>>> ModelTarget::connect(Wait) {
  co_await yield(scheduler_);
  switch (faults_.next("target.connect")) {
    case Fault::none:
      break;
    case Fault::killed_before:
    case Fault::killed_after:
      co_await faults_.killed();
      break;
    default:
      co_return fail(Faults::cut());
  }
  if (server_.sessions >= server_.quirks.connections) {
    co_return fail(Error(ErrorKind::auth, "too many connections").retry(Retry::never));
  }
  co_return std::make_unique<Session>(server_, faults_, scheduler_);
}

}  // namespace postern::testing
