#include "core/sync/engine/mailbox_jobs.h"

#include <iterator>
#include <utility>

#include "core/sync/planner/tour.h"

namespace postern::sync {
namespace {

bool may_tour(const MailboxJob& job) {
  return !job.by_itself && sync::may_tour(job.record.uidvalidity, job.record.cursor, job.listed);
}

}  // namespace

bool MailboxJobs::Later::operator()(const MailboxJob& a, const MailboxJob& b) const {
  if (a.record.name.is_inbox() != b.record.name.is_inbox()) return b.record.name.is_inbox();
  const auto of_a = a.listed.messages.value_or(0), of_b = b.listed.messages.value_or(0);
  return of_a != of_b ? of_a > of_b : a.serial < b.serial;
}

void MailboxJobs::fill(std::vector<MailboxJob> jobs) {
  for_tour_.clear();
  single_.clear();
  for (MailboxJob& job : jobs) add(std::move(job));
}

void MailboxJobs::add(MailboxJob job) {
  job.serial = next_serial_++;
  Jobs& place = may_tour(job) ? for_tour_ : single_;
  place.insert(std::move(job));
}

MailboxJob MailboxJobs::take_last(Jobs& jobs) { return std::move(jobs.extract(std::prev(jobs.end())).value()); }

std::optional<MailboxJob> MailboxJobs::take() {
  if (empty()) return std::nullopt;
  return take_last(tour_is_next() ? for_tour_ : single_);
}

std::optional<MailboxJob> MailboxJobs::take_for_tour() {
  if (for_tour_.empty()) return std::nullopt;
  return take_last(for_tour_);
}

bool MailboxJobs::tour_is_next() const {
  if (for_tour_.empty() || single_.empty()) return !for_tour_.empty();
  return Later()(*single_.rbegin(), *for_tour_.rbegin());
}

}  // namespace postern::sync
