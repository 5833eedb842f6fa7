#include "core/sync/engine/quota_watch.h"

#include <algorithm>
#include <utility>

namespace postern::sync {
namespace {

constexpr int kAskedAtMost = 2;

}  // namespace

Task<Result<std::vector<Entry>>> QuotaWatch::fitting(std::vector<Entry> entries) {
  if (entries.empty() || !mailbox_.target().features().quota) co_return entries;
  if (asked_ == 0) {
    auto asked = co_await ask();
    if (!asked) co_return fail(asked.error());
  }
  Quotas& quotas = mailbox_.context().quotas;
  std::vector<Entry> fit;
  for (Entry& entry : entries) {
    std::optional<QuotaLimit> limit = quotas.exceeded(roots_, entry.size);
    if (limit && asked_ < kAskedAtMost && quotas.is_estimate(roots_)) {
      auto asked = co_await ask();
      if (!asked) co_return fail(asked.error());
      for (const Entry& one : fit) quotas.sent(roots_, one.size);  // about to be
      limit = quotas.exceeded(roots_, entry.size);
    }
    if (limit) {
      note(*limit, entry);
      continue;
    }
    quotas.sent(roots_, entry.size);
    fit.push_back(std::move(entry));
  }
  co_return fit;
}

Task<Result<void>> QuotaWatch::ask() {
  ++asked_;
  auto stated = co_await mailbox_.target().quota(mailbox_.name(), mailbox_.context().wait);
  if (!stated) co_return fail(stated.error());
  roots_ = mailbox_.context().quotas.learn(*stated);
  co_return {};
}

void QuotaWatch::note(const QuotaLimit& limit, const Entry& entry) {
  const auto same = std::find_if(kept_back_.begin(), kept_back_.end(), [&](const OverQuota& one) {
    return one.limit.root == limit.root && one.limit.resource == limit.resource;
  });
  OverQuota& over = same != kept_back_.end() ? *same : kept_back_.emplace_back(OverQuota{.limit = limit});
  over.limit = limit;
  over.add(entry.size);
  mailbox_.context().over_quota[mailbox_.source().id] = kept_back_;
}

}  // namespace postern::sync
