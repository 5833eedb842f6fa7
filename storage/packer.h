#pragma once

// Small pieces of messages gathered to be compressed together (DECISIONS.md, "Packs"). Pure but for the numbers.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include "storage/changes.h"
#include "storage/chunk_codec.h"
#include "storage/dictionary.h"

namespace postern::storage {

/// Fills packs with the pieces of one batch of messages, header blocks apart from text. One thread at a time.
class Packer {
 public:
  /// Content of a pack at most: the more, the better it compresses, and the more is decompressed to read one message.
  static constexpr std::size_t kPackOctets = 256u << 10;
  /// A larger piece has enough in itself to compress well.
  static constexpr std::size_t kMaxPiece = 64u << 10;

  struct Place {
    Slice slice;
    std::shared_ptr<const SealedPack> pack;  // complete after finish()
  };

  /// `next_number` gives each pack a number of its own in the vault.
  Packer(std::shared_ptr<const Compression> compression, bool dictionaries, std::function<std::uint64_t()> next_number)
      : compression_(std::move(compression)), dictionaries_(dictionaries), next_number_(std::move(next_number)) {}

  /// `octets` fit a pack: at most kMaxInlined.
  Place add(DictionaryUse use, ByteView octets);
  /// Where this batch has put that content already; remember() tells it.
  const Place* find(const Digest& content) const;
  void remember(const Digest& content, const Place& place) { places_.emplace(content, place); }
  /// Compresses what has been gathered.
  void finish();

 private:
  struct Open {
    std::shared_ptr<SealedPack> pack;
    Bytes content;
  };
  void close(DictionaryUse use, Open& open);
  Open& open_of(DictionaryUse use) { return use == DictionaryUse::header ? headers_ : text_; }

  const std::shared_ptr<const Compression> compression_;
  const bool dictionaries_;
  const std::function<std::uint64_t()> next_number_;
  Open headers_, text_;
  std::unordered_map<Digest, Place> places_;
};

}  // namespace postern::storage
