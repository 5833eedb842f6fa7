#include "storage/packer.h"

#include <utility>

namespace postern::storage {

Packer::Place Packer::add(DictionaryUse use, ByteView octets) {
  Open& open = open_of(use);
  if (open.pack && open.content.size() + octets.size() > kPackOctets) close(use, open);
  if (!open.pack) {
    open.pack = std::make_shared<SealedPack>();
    open.pack->number = next_number_();
  }
  const Slice slice{open.pack->number, open.content.size(), octets.size()};
  open.content += octets;
  return {slice, open.pack};
}

const Packer::Place* Packer::find(const Digest& content) const {
  const auto found = places_.find(content);
  return found != places_.end() ? &found->second : nullptr;
}

void Packer::finish() {
  close(DictionaryUse::header, headers_);
  close(DictionaryUse::text, text_);
}

void Packer::close(DictionaryUse use, Open& open) {
  if (!open.pack) return;
  open.pack->value =
      encode_chunk(open.content, compression_->small_level(), dictionaries_ ? compression_->latest(use) : nullptr);
  open.pack.reset();
  open.content.clear();
}

}  // namespace postern::storage
