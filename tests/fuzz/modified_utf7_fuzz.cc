// What decodes encodes to the same octets; what encodes decodes to the same text; a name keeps its octets.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/mail/mailbox_name.h"
#include "core/mail/modified_utf7.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);

  if (const auto text = decode_modified_utf7(octets)) {
    must(is_valid_utf8(*text));
    const auto again = encode_modified_utf7(*text);
    must(again && *again == octets);
  }
  const auto encoded = encode_modified_utf7(octets);
  must(encoded.has_value() == is_valid_utf8(octets));
  if (encoded) {
    const auto decoded = decode_modified_utf7(*encoded);
    must(decoded && *decoded == octets);
  }

  for (const bool utf8 : {false, true}) {
    for (const char delimiter : {'\0', '/', '\\'}) {
      const auto name = MailboxName::from_wire(octets, delimiter, utf8);
      must(name.is_inbox() || name.wire() == octets);
      must(is_valid_utf8(name.display()) && name.display().find_first_of("\r\n") == std::string::npos);
      std::size_t length = 0;
      for (const auto& part : name.components()) length += part.size() + 1;
      must(length == name.display().size() + 1);
      if (const auto made = MailboxName::from_utf8(octets, delimiter, utf8)) {
        const auto read = MailboxName::from_wire(made->wire(), delimiter, utf8);
        must(read == *made && read.display() == made->display());
      }
    }
  }
  return 0;
}
