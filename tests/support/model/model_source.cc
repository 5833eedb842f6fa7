#include "tests/support/model/model_source.h"

#include <algorithm>
#include <deque>

#include "core/io/sleep.h"

namespace postern::testing {
namespace {

using sync::FlagReport;

class Session final : public sync::Source {
 public:
  Session(ModelServer& server, Faults& faults, Scheduler& scheduler)
      : server_(server), faults_(faults), scheduler_(scheduler) {
    server_.most_sessions = std::max(server_.most_sessions, ++server_.sessions);
    broken_ = server_.sessions > server_.quirks.stable;
  }
  ~Session() override { --server_.sessions; }

  sync::SourceFeatures features() const override {
    const Quirks& quirks = server_.quirks;
    sync::SourceFeatures features{true, quirks.condstore, quirks.qresync, quirks.email_ids, quirks.labels};
    if (quirks.view != 0) features.view_limit = quirks.view;
    return features;
  }
  std::uint64_t commands_sent() const override { return calls_; }
  Task<Result<std::vector<sync::ListedMailbox>>> list(Wait wait) override;
  Task<Result<sync::OpenedMailbox>> open(MailboxName name, std::optional<SourceCursor> resume, UidSet known,
                                         Wait wait) override;
  Task<Result<UidSet>> uids(Wait wait) override;
  Task<Result<std::vector<FlagReport>>> flags(UidRange range, std::optional<ModSeq> since, Wait wait) override;
  Task<Result<std::vector<sync::ListedMessage>>> identities(UidSet uids, bool headers, Wait wait) override;
  Task<Result<sync::FetchOutcome>> fetch_from(sync::UidFeed& feed, sync::MessageSink& sink, Wait wait) override;

  Task<Result<void>> tour(sync::TourGuide& guide, Wait wait) override;
  Task<void> close() override { co_return; }

 private:
  Task<Result<void>> step(std::string_view call);
  std::string email_id(const ModelMessage& message) const;
  std::uint64_t stated_size(const ModelMessage& message) const {
    return message.octets.size() + static_cast<std::uint64_t>(server_.quirks.size_lie);
  }
  sync::OpenedMailbox opened(const ModelMailbox& mailbox, const std::optional<SourceCursor>& resume) const;
  UidSet listed(const ModelMailbox& mailbox);
  Task<Result<sync::TourFindings>> visit(const sync::TourStop& stop, sync::TourGuide& guide, Wait wait);
  Task<Result<void>> answer(UidSet uids, sync::FetchOutcome& outcome, sync::MessageSink& sink, Wait wait);
  Task<Result<void>> send(Uid uid, ModelMessage message, sync::MessageSink& sink, Wait wait);
  /// Of the opened mailbox.
  bool is_in_view(Uid uid) {
    if (server_.quirks.view == 0) return true;
    const auto& messages = box()->messages;
    return std::distance(messages.upper_bound(uid), messages.end()) < static_cast<std::ptrdiff_t>(server_.quirks.view);
  }
  ModelMailbox* box() {
    const auto found = server_.boxes().find(opened_);
    return found == server_.boxes().end() ? nullptr : &found->second;
  }

  ModelServer& server_;
  Faults& faults_;
  Scheduler& scheduler_;
  std::string opened_;
  bool broken_ = false;
  const int restarts_ = server_.restarts;
  std::uint64_t calls_ = 0;
};

/// A source changes nothing, so before and after are the same to it.
Task<Result<void>> Session::step(std::string_view call) {
  ++calls_;
  co_await yield(scheduler_);
  if (broken_ || restarts_ != server_.restarts) co_return fail(Faults::cut());
  switch (faults_.next(call)) {
    case Fault::none:
      break;
    case Fault::killed_before:
    case Fault::killed_after:
      co_await faults_.killed();
      break;
    default:
      broken_ = true;
      co_return fail(Faults::cut());
  }
  co_return {};
}

Task<Result<std::vector<sync::ListedMailbox>>> Session::list(Wait) {
  auto reached = co_await step("source.list");
  if (!reached) co_return fail(reached.error());
  co_return server_.list();
}

Task<Result<sync::OpenedMailbox>> Session::open(MailboxName name, std::optional<SourceCursor> resume, UidSet, Wait) {
  auto reached = co_await step("source.open");
  if (!reached) co_return fail(reached.error());
  opened_ = name.display();
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return fail(ErrorKind::not_found, "no such mailbox");
  co_return opened(*mailbox, resume);
}

sync::OpenedMailbox Session::opened(const ModelMailbox& mailbox, const std::optional<SourceCursor>& resume) const {
  sync::OpenedMailbox opened;
  opened.status = server_.status(mailbox);
  const std::uint32_t view = server_.quirks.view;
  if (view != 0) opened.status.messages = std::min(opened.status.messages.value_or(0), view);
  if (resume && server_.quirks.qresync && resume->uidvalidity == mailbox.uidvalidity) {
    opened.changes.emplace();
    for (const auto& [uid, modseq] : mailbox.expunged) {
      if (modseq > resume->highestmodseq) opened.changes->vanished.add(uid);
    }
    for (const auto& [uid, message] : mailbox.messages) {
      if (message.modseq > resume->highestmodseq)
        opened.changes->changed.push_back({uid, message.flags, message.modseq});
    }
  }
  return opened;
}

Task<Result<UidSet>> Session::uids(Wait) {
  auto reached = co_await step("source.uids");
  if (!reached) co_return fail(reached.error());
  const ModelMailbox* mailbox = box();
  co_return mailbox ? listed(*mailbox) : UidSet();
}

UidSet Session::listed(const ModelMailbox& mailbox) {
  UidSet uids;
  std::size_t left = mailbox.messages.size() - std::min<std::size_t>(server_.quirks.uids_cut, mailbox.messages.size());
  for (const auto& [uid, message] : mailbox.messages) {
    if (left-- == 0) break;
    if (is_in_view(uid)) uids.add(uid);
  }
  return uids;
}

Task<Result<std::vector<FlagReport>>> Session::flags(UidRange range, std::optional<ModSeq> since, Wait) {
  auto reached = co_await step("source.flags");
  if (!reached) co_return fail(reached.error());
  std::vector<FlagReport> reports;
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return reports;
  for (const auto& [uid, message] : mailbox->messages) {
    if (uid.value() < range.first || uid.value() > range.last || (since && message.modseq <= *since)) continue;
    if (!is_in_view(uid)) continue;
    reports.push_back({uid, message.flags, message.modseq});
  }
  co_return reports;
}

std::string Session::email_id(const ModelMessage& message) const {
  if (!server_.quirks.email_ids) return {};
  return server_.quirks.one_email_id ? "E" : message.email_id;
}

Task<Result<std::vector<sync::ListedMessage>>> Session::identities(UidSet uids, bool headers, Wait) {
  auto reached = co_await step(headers ? "source.headers" : "source.identities");
  if (!reached) co_return fail(reached.error());
  std::vector<sync::ListedMessage> listed;
  const ModelMailbox* mailbox = box();
  if (!mailbox) co_return listed;
  for (const auto& [uid, message] : mailbox->messages) {
    if (!uids.contains(uid) || server_.quirks.ghosts.contains(uid) || server_.quirks.silent_of_identities) continue;
    if (!is_in_view(uid)) continue;
    sync::ListedMessage one{
        uid, message.flags, message.date, message.modseq, stated_size(message), email_id(message), std::nullopt};
    if (headers) one.header = identity_of(message.octets).header;
    listed.push_back(std::move(one));
  }
  co_return listed;
}

Task<Result<sync::FetchOutcome>> Session::fetch_from(sync::UidFeed& feed, sync::MessageSink& sink, Wait wait) {
  auto reached = co_await step("source.fetch");
  if (!reached) co_return fail(reached.error());
  constexpr std::uint64_t kACommand = 500;
  constexpr std::size_t kAhead = 4;
  sync::FetchOutcome outcome;
  std::deque<UidSet> asked;
  for (;;) {
    while (asked.size() < kAhead) {
      UidSet part = feed.take(kACommand);
      if (part.empty()) break;
      sink.asked(part);
      asked.push_back(std::move(part));
    }
    if (asked.empty()) co_return outcome;
    auto answered = co_await answer(asked.front(), outcome, sink, wait);
    if (!answered) co_return fail(answered.error());
    asked.pop_front();
  }
}

Task<Result<void>> Session::answer(UidSet uids, sync::FetchOutcome& outcome, sync::MessageSink& sink, Wait wait) {
  ModelMailbox* mailbox = box();
  if (!mailbox) co_return {};
  if (!uids.intersected(server_.quirks.cuts_at_once).empty()) {
    broken_ = true;
    co_return fail(Faults::cut());
  }
  if (!uids.intersected(server_.quirks.refused).empty()) {
    outcome.refused.push_back({uids, Error(ErrorKind::server_bug, "FETCH failed").server_text("Internal error")});
    co_return {};
  }
  const bool several = uids.size() > 1;
  UidSet left_out = server_.quirks.ghosts;
  if (several) left_out = left_out.united(std::exchange(server_.quirks.left_out_once, UidSet()));
  const auto messages = mailbox->messages;  // as they were when the command was read
  for (const auto& [uid, message] : messages) {
    if (!uids.contains(uid) || left_out.contains(uid) || !is_in_view(uid)) continue;
    auto sent = co_await send(uid, message, sink, wait);
    if (!sent) co_return fail(sent.error());
    if (server_.quirks.sent_twice.contains(uid)) outcome.repeated.add(uid);
  }
  co_return {};
}

Task<Result<void>> Session::send(Uid uid, ModelMessage message, sync::MessageSink& sink, Wait wait) {
  auto room = co_await sink.ready(wait);
  if (!room) co_return room;
  const ByteView octets = message.octets;
  sink.begin(octets.size());
  sink.body(octets.substr(0, octets.size() / 2));
  auto reached = co_await step("source.body");
  if (reached && server_.quirks.cuts.contains(uid)) {
    broken_ = true;
    reached = fail(Faults::cut());
  }
  if (!reached) {
    sink.abandon();
    co_return reached;
  }
  sink.body(octets.substr(octets.size() / 2));
  ++server_.bodies_sent;
  sink.end({uid, message.flags, message.date, message.modseq, octets.size(), stated_size(message), email_id(message)});
  co_return {};
}

/// A few mailboxes are asked before the first of them answers, as on a long line.
Task<Result<void>> Session::tour(sync::TourGuide& guide, Wait wait) {
  constexpr std::size_t kAhead = 3;
  std::deque<sync::TourStop> asked;
  for (bool more = true;;) {
    while (more && asked.size() < kAhead) {
      auto stop = guide.next();
      more = stop.has_value();
      if (stop) asked.push_back(std::move(*stop));
    }
    if (asked.empty()) co_return {};
    auto found = co_await visit(asked.front(), guide, wait);
    if (!found) co_return fail(found.error());
    asked.pop_front();
    guide.visited(std::move(*found));
  }
}

Task<Result<sync::TourFindings>> Session::visit(const sync::TourStop& stop, sync::TourGuide& guide, Wait wait) {
  auto reached = co_await step("source.tour");
  if (!reached) co_return fail(reached.error());
  sync::TourFindings findings;
  opened_ = stop.name.display();
  if (!box()) co_return findings;
  findings.complete = true;
  findings.opened = opened(*box(), stop.resume);
  if (stop.list) {
    auto uids = co_await this->uids(wait);
    if (!uids) co_return fail(uids.error());
    findings.listed = std::move(*uids);
  }
  if (!stop.flags.empty()) {
    auto reports = co_await flags({stop.flags.min().value(), stop.flags.max().value()}, stop.since, wait);
    if (!reports) co_return fail(reports.error());
    for (FlagReport& report : *reports) {
      if (stop.flags.contains(report.uid)) findings.flags.push_back(std::move(report));
    }
  }
  if (!stop.bodies.empty() && findings.opened->status.uidvalidity == stop.uidvalidity) {
    auto fetched = co_await fetch(stop.bodies, guide, wait);
    if (!fetched) co_return fail(fetched.error());
    findings.repeated = fetched->repeated;
    findings.complete = fetched->refused.empty();
  }
  co_return findings;
}

}  // namespace

Task<Result<std::unique_ptr<sync::Source>>> ModelSource::connect(Wait) {
  co_await yield(scheduler_);
  switch (faults_.next("source.connect")) {
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
