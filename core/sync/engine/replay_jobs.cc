#include "core/sync/engine/replay_jobs.h"

#include <iterator>
#include <utility>

namespace postern::sync {

void ReplayJobs::add(ReplayJob job) {
  const Order order{!job.source.name.is_inbox(), job.touched.size(), job.source.id};
  jobs_.insert_or_assign(order, std::move(job));
}

std::optional<ReplayJob> ReplayJobs::take_first() { return take(jobs_.begin()); }

std::optional<ReplayJob> ReplayJobs::take_last() { return take(jobs_.empty() ? jobs_.end() : std::prev(jobs_.end())); }

std::optional<ReplayJob> ReplayJobs::take(std::map<Order, ReplayJob>::iterator which) {
  if (which == jobs_.end()) return std::nullopt;
  return std::move(jobs_.extract(which).mapped());
}

std::uint64_t ReplayJobs::messages() const {
  std::uint64_t all = 0;
  for (const auto& [order, job] : jobs_) all += order.messages;
  return all;
}

}  // namespace postern::sync
