#include "storage/pack_cache.h"

namespace postern::storage {

std::shared_ptr<const Bytes> PackCache::find(std::uint64_t pack) {
  const std::lock_guard lock(mutex_);
  const auto found = by_number_.find(pack);
  if (found == by_number_.end()) return nullptr;
  items_.splice(items_.begin(), items_, found->second);
  return found->second->content;
}

void PackCache::add(std::uint64_t pack, std::shared_ptr<const Bytes> content) {
  const std::lock_guard lock(mutex_);
  if (by_number_.contains(pack)) return;
  held_ += content->size();
  items_.push_front({pack, std::move(content)});
  by_number_.emplace(pack, items_.begin());
  while (held_ > room_ && items_.size() > 1) {
    held_ -= items_.back().content->size();
    by_number_.erase(items_.back().pack);
    items_.pop_back();
  }
}

}  // namespace postern::storage
