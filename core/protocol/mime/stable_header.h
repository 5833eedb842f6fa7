#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"

namespace postern::mime {

/// The most octets of a message that stable_header() looks at. Every caller cuts at the same place by passing more.
inline constexpr std::size_t kHeaderCap = 256 * 1024;

/// The fields that tell messages apart and that servers leave alone; what to name in BODY.PEEK[HEADER.FIELDS (…)].
inline constexpr std::array<std::string_view, 6> kStableFields = {"Message-ID", "Date", "From", "To", "Cc", "Subject"};

/// How many octets of a message, or of its beginning, are the header with the empty line that ends it (RFC 5322 §2.1);
/// all of them when there is no empty line. An empty line is LF or CRLF right behind a line's end, or at the start.
std::size_t header_block_size(ByteView octets);

/// The same of a message that comes in pieces, however small: looks at each octet once.
class HeaderEnd {
 public:
  /// Whether the empty line is over with this piece or was so before.
  bool passed(ByteView piece);

 private:
  enum class Line : std::uint8_t { empty, only_cr, text, over } line_ = Line::empty;
};

/// Canonical octets of the stable fields in a message's header, for hashing. `octets` begins with the header; anything
/// from a HEADER.FIELDS answer to the whole message gives the same, and so do the same octets after a server
///   - turned bare LF into CRLF, or added or took away the line end at the very end;
///   - folded lines elsewhere, or changed the amount of white space;
///   - replaced each NUL or 8-bit octet of the header by some other 8-bit octet or by "X".
/// The first field of a name counts; its value counts up to 4,096 octets; a missing field differs from an empty one.
/// Linear; the result is below 25 KiB.
Bytes stable_header(ByteView octets);

}  // namespace postern::mime
