#include "core/sync/planner/suspects.h"

#include <utility>

namespace postern::sync {
namespace {

constexpr int kProof = 2;  // connections that a message has to break alone

}  // namespace

void Suspects::cut(const UidSet& asked, const UidSet& arrived) {
  UidSet open = asked.without(arrived);
  if (open.empty()) return;
  const bool alone = asked.size() == 1;
  if (!uids_.empty() && (alone || open.size() < uids_.size())) ++learnt_;
  if (alone && alone_ == open.min()) {
    ++times_;
  } else if (alone) {
    alone_ = open.min();
    times_ = 1;
  }
  uids_ = std::move(open);
  step_ = 1;
}

UidSet Suspects::next() const {
  if (uids_.empty()) return {};
  return std::move(uids_.split(step_, SIZE_MAX).front());
}

void Suspects::cleared(const UidSet& uids) {
  uids_ = uids_.without(uids);
  step_ *= 2;
}

std::optional<Uid> Suspects::take_guilty() {
  if (times_ < kProof) return std::nullopt;
  times_ = 0;
  ++guilty_;
  uids_.remove(*alone_);
  return std::exchange(alone_, std::nullopt);
}

}  // namespace postern::sync
