#include "daemon/wiring/mailbox_tour.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "daemon/wiring/refusal.h"

namespace postern::daemon {
namespace {

/// A few thousand messages keep a long line busy; more would only make the server hold their answers ready.
constexpr std::uint64_t kExpected = 4'000;
constexpr std::size_t kInFlight = 48;

}  // namespace

std::shared_ptr<MailboxTour::Visit> MailboxTour::visit(sync::TourStop stop) {
  imap::Select examine = examine_command(client_, stop.name, stop.resume, std::exchange(stop.known, {}));
  auto visit = std::make_shared<Visit>(std::move(stop), std::move(examine), body_items(client_), guide_);
  visit->unsent.push_back(Part::examine);
  if (visit->stop.list) visit->unsent.push_back(Part::search);
  if (!visit->stop.flags.empty()) visit->unsent.push_back(Part::flags);
  if (!visit->stop.bodies.empty()) visit->unsent.push_back(Part::bodies);
  return visit;
}

/// A mailbox that was begun is asked in full: nothing else would bring the pipeline on.
std::size_t MailboxTour::window() const {
  const bool begun = !visits_.empty() && !visits_.back()->unsent.empty();
  return begun || expected_ < kExpected ? kInFlight : 0;
}

imap::Command MailboxTour::command(Visit& visit, Part part) const {
  switch (part) {
    case Part::examine:
      return visit.examine;
    case Part::search:
      return search_command(client_);
    case Part::flags:
      return flags_command(client_, visit.stop.flags, visit.stop.since);
    case Part::bodies:
      break;
  }
  return *visit.bodies.next();
}

std::optional<imap::Command> MailboxTour::next() {
  if (visits_.empty() || visits_.back()->unsent.empty()) {
    auto stop = guide_.next();
    if (!stop) return std::nullopt;
    visits_.push_back(visit(std::move(*stop)));
    expected_ += visits_.back()->stop.expected;
  }
  Visit& visit = *visits_.back();
  const Part part = visit.unsent.front();
  visit.unsent.pop_front();
  given_ = Asked{visits_.back(), part};
  return command(visit, part);
}

void MailboxTour::sent(imap::CommandId id) {
  Asked asked = *std::exchange(given_, std::nullopt);
  ++asked.visit->in_flight;
  if (asked.part == Part::bodies) asked.visit->bodies.sent(id);
  in_flight_.emplace(id.value(), std::move(asked));
}

/// A mailbox whose name or sets cannot be written is left to a pull of its own, which says so.
Result<void> MailboxTour::refused(Error) {
  const Asked asked = *std::exchange(given_, std::nullopt);
  asked.visit->failed = true;
  asked.visit->unsent.clear();
  return leave_answered();
}

MailboxTour::Asked* MailboxTour::asked(imap::CommandId id) {
  const auto found = in_flight_.find(id.value());
  return found == in_flight_.end() ? nullptr : &found->second;
}

void MailboxTour::untagged(imap::Untagged& untagged) {
  const Asked* by = asked(untagged.command);
  if (by == nullptr) return;
  if (by->part == Part::examine) by->visit->answer.take(untagged);
  const auto* found = std::get_if<imap::SearchData>(&untagged.data);
  if (found != nullptr && by->part == Part::search) by->visit->listed.add(found->all);
}

void MailboxTour::literal(const imap::LiteralChunk& chunk) {
  const Asked* by = asked(chunk.command);
  if (by != nullptr && by->part == Part::bodies && by->visit->wanted) by->visit->bodies.literal(chunk);
}

void MailboxTour::fetched(imap::Fetched& fetched) {
  const Asked* by = asked(fetched.command);
  if (by == nullptr) return;
  Visit& visit = *by->visit;
  if (by->part == Part::examine) visit.answer.take(fetched.data);
  const auto& uid = fetched.data.uid;
  if (by->part == Part::flags && uid && visit.stop.flags.contains(*uid)) visit.reports.take(fetched.data);
  if (by->part == Part::bodies && visit.wanted) visit.bodies.fetched(fetched);
}

Result<void> MailboxTour::completed(imap::Tagged& tagged) {
  auto found = in_flight_.extract(tagged.command.value());
  if (found.empty()) return {};
  const Asked by = std::move(found.mapped());
  Visit& visit = *by.visit;
  --visit.in_flight;
  if (by.part == Part::examine && by.visit != visits_.front()) {
    return fail(ErrorKind::protocol, "the server opened a mailbox before it had answered for the one before");
  }
  if (tagged.error) {
    if (!about_what_was_asked(*tagged.error)) return fail(std::move(*tagged.error));
    visit.failed = true;
  } else if (tagged.code.is(imap::CodeKind::message_limit)) {
    visit.failed = true;  // cut short: a pull of its own asks for the rest
  } else if (by.part == Part::examine) {
    auto opened = this->opened(visit);
    if (!opened) return opened;
  } else if (by.part == Part::search) {
    visit.findings.listed = visit.listed.take();
  }
  return leave_answered();
}

Result<void> MailboxTour::opened(Visit& visit) {
  auto opened = opened_by(client_, visit.examine, visit.answer);
  if (!opened && opened.error().scope() == Scope::mailbox) {  // it is pulled by itself, where that is told
    visit.failed = true;
    return {};
  }
  if (!opened) return fail(std::move(opened.error()));
  visit.wanted = opened->status.uidvalidity == visit.stop.uidvalidity && !opened->uid_not_sticky;
  visit.findings.opened = std::move(*opened);
  return {};
}

/// Tells the guide of the mailboxes that have nothing more to say.
Result<void> MailboxTour::leave_answered() {
  while (!visits_.empty() && visits_.front()->answered()) {
    const auto visit = visits_.front();
    auto closed = close(*visit);
    visits_.pop_front();
    expected_ -= visit->stop.expected;
    guide_.visited(std::move(visit->findings));
    if (!closed) return closed;
  }
  return {};
}

Result<void> MailboxTour::close(Visit& visit) {
  visit.bodies.finish();
  sync::TourFindings& findings = visit.findings;
  findings.repeated = visit.bodies.take_repeated();
  findings.complete = !visit.failed && findings.opened && visit.bodies.take_refused().empty();
  if (findings.listed && findings.opened) {
    auto listed = checked_search(std::move(*findings.listed), findings.opened->status.messages.value_or(0));
    if (!listed) return fail(std::move(listed.error()));
    findings.listed = std::move(*listed);
  }
  auto reports = visit.reports.finish();
  if (!reports) return fail(std::move(reports.error()));
  findings.flags = std::move(*reports);
  return {};
}

void MailboxTour::finish() {
  for (const auto& visit : visits_) visit->bodies.finish();
}

}  // namespace postern::daemon
