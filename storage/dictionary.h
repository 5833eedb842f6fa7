#pragma once

// zstd dictionaries trained on a vault's own mail: most messages are small, and what they have in common lies between
// them. Pure but for the memory of zstd's tables.

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

struct ZSTD_CDict_s;
struct ZSTD_DDict_s;

namespace postern::storage {

/// What a dictionary was trained on. Persisted: DO NOT CHANGE.
enum class DictionaryUse : std::uint8_t { header = 1, text = 2 };

/// A row of `meta` (FORMAT.md).
struct DictionaryRecord {
  DictionaryUse use = DictionaryUse::text;
  Bytes octets;  // as zstd trains them, at most kMaxDictionary
};
inline constexpr std::size_t kMaxDictionary = 1u << 20;
Bytes encode_dictionary(const DictionaryRecord& record);
Result<DictionaryRecord> decode_dictionary(ByteView value);

/// One dictionary, ready for use. Immutable; any thread.
class Dictionary {
 public:
  /// `level`: what is compressed with it is compressed at.
  Dictionary(std::uint32_t number, const DictionaryRecord& record, int level);
  ~Dictionary();
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  std::uint32_t number() const { return number_; }
  DictionaryUse use() const { return use_; }
  const ZSTD_CDict_s* compressing() const { return compressing_; }
  const ZSTD_DDict_s* decompressing() const { return decompressing_; }

 private:
  const std::uint32_t number_;
  const DictionaryUse use_;
  ZSTD_CDict_s* const compressing_;
  ZSTD_DDict_s* const decompressing_;
};

/// Those of a vault, and how chunks are compressed: a value that is replaced, never changed.
struct Compression {
  static constexpr int kDefaultLevel = 3;  // see "zstd" in DECISIONS.md

  int level = kDefaultLevel;
  /// Of packs, and of what is compressed with a dictionary: the search through what is alike pays there.
  int small_level() const { return std::min(level + 2, 19); }
  std::map<std::uint32_t, std::shared_ptr<const Dictionary>> dictionaries = {};  // by number

  /// Null when there is none of that number.
  const Dictionary* find(std::uint32_t number) const;
  /// The one that was trained last.
  const Dictionary* latest(DictionaryUse use) const;
};

/// A dictionary from what it is to be good for; empty when these octets do not make one. Takes tens of milliseconds.
Bytes train_dictionary(const std::vector<Bytes>& samples);

}  // namespace postern::storage
