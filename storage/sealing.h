#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/body_cutter.h"
#include "storage/packer.h"
#include "storage/vault_impl.h"

namespace postern::storage {

Digest digest_of(ByteView octets);

/// What a message's cuts come to: its recipe, and the chunks that the vault has not got. One thread at a time.
class Sealing {
 public:
  /// With a packer small pieces go to it; without they stand in the recipe, or are chunks.
  explicit Sealing(const Vault::Impl& vault, Packer* packer = nullptr)
      : vault_(vault), packer_(packer), compression_(vault.compression()) {}

  /// The chunk that has to be written, if any.
  Result<std::optional<SealedBody::Row>> add(const Cut& cut);
  Recipe finish(std::uint64_t size, std::vector<mime::Base64Run> runs);
  /// Those that the recipe names and this batch made.
  std::vector<std::shared_ptr<const SealedPack>> take_packs() { return std::move(packs_); }

 private:
  Result<std::optional<SealedBody::Row>> pack(const Cut& cut);
  void put(const Packer::Place& place);
  void put(const Slice& slice);
  Bytes encode(const Cut& cut) const;
  void learn(const Cut& cut) const;

  const Vault::Impl& vault_;
  Packer* const packer_;
  const std::shared_ptr<const Compression> compression_;
  Recipe recipe_;
  std::vector<std::shared_ptr<const SealedPack>> packs_;
};

}  // namespace postern::storage
