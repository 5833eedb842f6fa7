#include "core/sync/engine/mailbox_jobs.h"

#include <algorithm>
#include <utility>

#include "core/sync/planner/tour.h"

namespace postern::sync {
namespace {

bool may_tour(const MailboxJob& job) {
  return !job.by_itself && sync::may_tour(job.record.uidvalidity, job.record.cursor, job.listed);
}

/// Whether `a` is taken later than `b`: jobs are taken from the back.
bool after(const MailboxJob& a, const MailboxJob& b) {
  if (a.record.name.is_inbox() != b.record.name.is_inbox()) return b.record.name.is_inbox();
  return a.listed.messages.value_or(0) > b.listed.messages.value_or(0);
}

}  // namespace

void MailboxJobs::fill(std::vector<MailboxJob> jobs) {
  jobs_ = std::move(jobs);
  std::stable_sort(jobs_.begin(), jobs_.end(), after);
}

void MailboxJobs::add(MailboxJob job) {
  const auto place = std::upper_bound(jobs_.begin(), jobs_.end(), job, after);
  jobs_.insert(place, std::move(job));
}

std::optional<MailboxJob> MailboxJobs::take() {
  if (jobs_.empty()) return std::nullopt;
  MailboxJob job = std::move(jobs_.back());
  jobs_.pop_back();
  return job;
}

std::optional<MailboxJob> MailboxJobs::take_for_tour() {
  for (auto it = jobs_.rbegin(); it != jobs_.rend(); ++it) {
    if (!may_tour(*it)) continue;
    MailboxJob job = std::move(*it);
    jobs_.erase(std::next(it).base());
    return job;
  }
  return std::nullopt;
}

bool MailboxJobs::tour_is_next() const { return !jobs_.empty() && may_tour(jobs_.back()); }

}  // namespace postern::sync
