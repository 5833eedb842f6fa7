#pragma once

#include <string>
#include <vector>

namespace postern::imap {

class Encoder;

/// ENABLE (RFC 5161).
struct Enable {
  std::vector<std::string> names;
};
void encode(const Enable& command, Encoder& out);

}  // namespace postern::imap
