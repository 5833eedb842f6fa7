#include "core/io/timer_heap.h"

#include <algorithm>
#include <utility>

namespace postern {

TimerId TimerHeap::add(MonotonicTime when, std::function<void()> work) {
  const std::uint64_t id = ++last_id_;
  work_.emplace(id, std::move(work));
  heap_.push_back({when, id});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  return TimerId(id);
}

void TimerHeap::cancel(TimerId timer) {
  work_.erase(timer.value());
  constexpr std::size_t kSlack = 64;
  if (heap_.size() <= 2 * work_.size() + kSlack) return;
  std::erase_if(heap_, [this](const Place& place) { return !work_.contains(place.id); });
  std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
}

void TimerHeap::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
  heap_.pop_back();
}

void TimerHeap::drop_cancelled() {
  while (!heap_.empty() && !work_.contains(heap_.front().id)) pop();
}

std::optional<MonotonicTime> TimerHeap::next() {
  drop_cancelled();
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

std::function<void()> TimerHeap::take_due(MonotonicTime now) {
  drop_cancelled();
  if (heap_.empty() || heap_.front().when > now) return nullptr;
  auto node = work_.extract(heap_.front().id);
  pop();
  return std::move(node.mapped());
}

}  // namespace postern
