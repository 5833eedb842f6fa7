#pragma once

#include <cstddef>
#include <optional>

#include "core/base/bytes.h"

namespace postern::mime {

/// How many octets mbsync adds to each message it copies: "X-TUID: ", twelve characters, CRLF.
inline constexpr std::size_t kTuidLine = 22;

/// Where in a message's header the first line is that mbsync adds to its copies; it is kTuidLine octets long. Linear.
std::optional<std::size_t> find_tuid_line(ByteView header);

}  // namespace postern::mime
