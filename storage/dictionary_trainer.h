#pragma once

#include <array>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/dictionary.h"

namespace postern::storage {

/// Gathers what passes by until there is enough of it to train a dictionary on, and trains it on a thread of its own:
/// once for each use that a vault has no dictionary for. Memory: kEnough of each use, until then. Any thread.
class DictionaryTrainer {
 public:
  /// Octets that are enough, of headers and of text (DECISIONS.md).
  static constexpr std::size_t kEnoughHeaders = 512u << 10;
  static constexpr std::size_t kEnoughText = 1u << 20;
  /// What is taken of one sample at most; fewer octets than the other teach nothing and cost memory all the same.
  static constexpr std::size_t kMaxSample = 16u << 10;
  static constexpr std::size_t kMinSample = 32;

  /// `trained` gets each dictionary, on the trainer's thread.
  using Trained = std::function<void(DictionaryRecord record)>;
  DictionaryTrainer(const std::vector<DictionaryUse>& wanted, Trained trained);
  /// Trains what there is enough for, first.
  ~DictionaryTrainer();
  DictionaryTrainer(const DictionaryTrainer&) = delete;
  DictionaryTrainer& operator=(const DictionaryTrainer&) = delete;

  void add(DictionaryUse use, ByteView octets);

 private:
  struct Samples {
    DictionaryUse use;
    std::size_t enough;
    std::vector<Bytes> octets = {};
    std::size_t size = 0;
    bool over = false;  // enough, or none wanted
  };
  void work();
  Samples* next();

  const Trained trained_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<Samples, 2> samples_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace postern::storage
