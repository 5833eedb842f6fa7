// Bounded; decided by the header block alone; the same after LF became CRLF.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/protocol/mime/stable_header.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const ByteView octets(reinterpret_cast<const char*>(data), size);
  if (size > mime::kHeaderCap / 2) return 0;  // beyond the cap more octets mean less header

  const Bytes stable = mime::stable_header(octets);
  must(stable.size() < std::size_t{25} * 1024);
  const std::size_t block = mime::header_block_size(octets);
  must(block <= size && mime::stable_header(octets.substr(0, block)) == stable);

  Bytes crlf;
  for (const char c : octets) {
    if (c == '\n' && !crlf.ends_with('\r')) crlf.push_back('\r');
    crlf.push_back(c);
  }
  must(mime::stable_header(crlf) == stable);
  return 0;
}
