#include "storage/dictionary.h"

// For the trainer with parameters that are known instead of searched for, which is fifteen times as fast.
#define ZDICT_STATIC_LINKING_ONLY
#include <zdict.h>
#include <zstd.h>

#include "storage/record_frame.h"

namespace postern::storage {
namespace {

/// See "Dictionaries" in DECISIONS.md for these.
constexpr std::size_t kDictionaryOctets = 112u << 10;
constexpr unsigned kSegment = 200;
constexpr unsigned kMatch = 8;
constexpr unsigned kFrequencyBits = 20;

}  // namespace

Bytes encode_dictionary(const DictionaryRecord& record) {
  RecordWriter out = begin_record();
  out.u8(static_cast<std::uint8_t>(record.use));
  out.text(record.octets);
  return out.take();
}

Result<DictionaryRecord> decode_dictionary(ByteView value) {
  RecordReader in = open_record(value);
  DictionaryRecord record;
  record.use = static_cast<DictionaryUse>(in.u8());
  record.octets = in.text();
  if (record.use != DictionaryUse::header && record.use != DictionaryUse::text) in.refuse();
  if (record.octets.empty() || record.octets.size() > kMaxDictionary) in.refuse();
  return finish(in, std::move(record), "dictionary", value);
}

Dictionary::Dictionary(std::uint32_t number, const DictionaryRecord& record, int level)
    : number_(number),
      use_(record.use),
      compressing_(ZSTD_createCDict(record.octets.data(), record.octets.size(), level)),
      decompressing_(ZSTD_createDDict(record.octets.data(), record.octets.size())) {}

Dictionary::~Dictionary() {
  ZSTD_freeCDict(compressing_);
  ZSTD_freeDDict(decompressing_);
}

const Dictionary* Compression::find(std::uint32_t number) const {
  const auto found = dictionaries.find(number);
  return found != dictionaries.end() ? found->second.get() : nullptr;
}

const Dictionary* Compression::latest(DictionaryUse use) const {
  for (auto it = dictionaries.rbegin(); it != dictionaries.rend(); ++it) {
    if (it->second->use() == use) return it->second.get();
  }
  return nullptr;
}

Bytes train_dictionary(const std::vector<Bytes>& samples) {
  Bytes all;
  std::vector<std::size_t> sizes;
  for (const Bytes& sample : samples) {
    all += sample;
    sizes.push_back(sample.size());
  }
  ZDICT_fastCover_params_t parameters{};
  parameters.k = kSegment;
  parameters.d = kMatch;
  parameters.f = kFrequencyBits;
  parameters.accel = 1;
  parameters.splitPoint = 1.0;
  Bytes octets(kDictionaryOctets, '\0');
  const std::size_t size = ZDICT_trainFromBuffer_fastCover(octets.data(), octets.size(), all.data(), sizes.data(),
                                                           static_cast<unsigned>(sizes.size()), parameters);
  if (ZDICT_isError(size) != 0) return {};
  octets.resize(size);
  return octets;
}

}  // namespace postern::storage
