#include "storage/dictionary_trainer.h"

#include <algorithm>
#include <utility>

namespace postern::storage {

DictionaryTrainer::DictionaryTrainer(const std::vector<DictionaryUse>& wanted, Trained trained)
    : trained_(std::move(trained)),
      samples_{Samples{DictionaryUse::header, kEnoughHeaders}, Samples{DictionaryUse::text, kEnoughText}} {
  for (Samples& samples : samples_) samples.over = std::find(wanted.begin(), wanted.end(), samples.use) == wanted.end();
  if (!wanted.empty()) thread_ = std::thread([this] { work(); });
}

DictionaryTrainer::~DictionaryTrainer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DictionaryTrainer::add(DictionaryUse use, ByteView octets) {
  if (octets.size() < kMinSample) return;
  const std::lock_guard lock(mutex_);
  const auto samples = std::find_if(samples_.begin(), samples_.end(), [&](const Samples& s) { return s.use == use; });
  if (samples->over) return;
  samples->octets.emplace_back(octets.substr(0, kMaxSample));
  samples->size += samples->octets.back().size();
  if (samples->size < samples->enough) return;
  samples->over = true;
  wake_.notify_all();
}

DictionaryTrainer::Samples* DictionaryTrainer::next() {
  const auto ready = std::find_if(samples_.begin(), samples_.end(),
                                  [](const Samples& samples) { return samples.over && !samples.octets.empty(); });
  return ready != samples_.end() ? &*ready : nullptr;
}

void DictionaryTrainer::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stopping_ || next() != nullptr; });
    Samples* const ready = next();
    if (ready == nullptr) return;  // stopping
    const auto octets = std::exchange(ready->octets, {});
    const DictionaryUse use = ready->use;
    lock.unlock();
    Bytes dictionary = train_dictionary(octets);
    if (!dictionary.empty()) trained_({use, std::move(dictionary)});
    lock.lock();
    if (std::all_of(samples_.begin(), samples_.end(), [](const Samples& s) { return s.over && s.octets.empty(); })) {
      return;
    }
  }
}

}  // namespace postern::storage
