#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "core/base/bytes.h"

namespace postern::storage {

/// Contents of packs that were read lately: messages that came together are read together. Any thread.
class PackCache {
 public:
  explicit PackCache(std::size_t octets) : room_(octets) {}

  /// Null when it is not there.
  std::shared_ptr<const Bytes> find(std::uint64_t pack);
  void add(std::uint64_t pack, std::shared_ptr<const Bytes> content);

 private:
  struct Item {
    std::uint64_t pack;
    std::shared_ptr<const Bytes> content;
  };
  const std::size_t room_;
  std::mutex mutex_;
  std::list<Item> items_;  // the one used last is the first
  std::unordered_map<std::uint64_t, std::list<Item>::iterator> by_number_;
  std::size_t held_ = 0;
};

}  // namespace postern::storage
