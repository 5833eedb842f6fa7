#pragma once

#include <string>
#include <utility>
#include <vector>

namespace postern::imap {

class Encoder;

/// ID (RFC 2971); no fields: NIL.
struct Id {
  std::vector<std::pair<std::string, std::string>> fields;
};
void encode(const Id& command, Encoder& out);

}  // namespace postern::imap
