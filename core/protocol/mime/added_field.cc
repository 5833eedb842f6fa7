#include "core/protocol/mime/added_field.h"

#include <string_view>

namespace postern::mime {

std::optional<std::size_t> find_tuid_line(ByteView header) {
  constexpr std::string_view kName = "X-TUID: ";
  std::size_t at = 0;
  while (at < header.size()) {
    const std::size_t end = header.find('\n', at);
    if (end == header.npos) return std::nullopt;
    const ByteView line = header.substr(at, end + 1 - at);
    if (line == "\r\n" || line == "\n") return std::nullopt;
    if (line.size() == kTuidLine && line.starts_with(kName) && line.ends_with("\r\n") &&
        line.substr(kName.size()).find_first_of(" \t") == line.npos) {
      return at;
    }
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace postern::mime
