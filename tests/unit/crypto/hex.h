#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace postern::crypto {

/// The octets that hexadecimal digits stand for; blanks between them are for the reader.
inline Bytes from_hex(std::string_view digits) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  Bytes out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ') continue;
    if (high < 0) {
      high = value(c);
    } else {
      out.push_back(static_cast<char>(high * 16 + value(c)));
      high = -1;
    }
  }
  return out;
}

}  // namespace postern::crypto
