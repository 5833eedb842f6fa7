#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

/// Makes text from a server, a file name or a message safe for a terminal and a log line: C0, C1, DEL, line separators,
/// bidirectional and invisible controls and octets that are no UTF-8 become \xNN or \u{NNNN}. What would take more than
/// `limit` octets ends with "…" within them; `limit` is 3 or more. Idempotent.
std::string escape_for_people(std::string_view text, std::size_t limit = 512);

}  // namespace postern
