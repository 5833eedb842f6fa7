// Decided by the header block alone; what is found is a date that IMAP can write, and the same one when read again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/protocol/mime/message_date.h"
#include "core/protocol/mime/stable_header.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const ByteView octets(reinterpret_cast<const char*>(data), size);
  const auto date = mime::date_of_message(octets);
  must(mime::date_of_message(octets.substr(0, mime::header_block_size(octets))) == date);
  if (!date) return 0;
  must(mime::is_stated(*date));
  const auto again = InternalDate::parse(date->to_imap());
  must(again && *again == *date);
  return 0;
}
