#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"

namespace postern::mime {

/// What of a header decides how the body behind it is read: Content-Type (RFC 2045 §5.1) and Content-Transfer-Encoding
/// (§6.1). The first field of a name counts; of a value the first 4,096 octets.
class PartHeader {
 public:
  /// The next line, line end included; not the empty one.
  void add(ByteView line);

  enum class Body : std::uint8_t {
    text,       // stands for itself
    base64,     // is said to be base64
    multipart,  // has parts: boundary()
    message,    // is a message, which begins with a header
  };
  Body body() const;
  /// RFC 2046 §5.1.1: of a multipart; at most 200 octets (70 are allowed), not empty.
  std::optional<std::string> boundary() const;

 private:
  enum class Field : std::uint8_t { other, type, encoding };

  std::optional<std::string> type_;
  std::optional<std::string> encoding_;
  Field folded_ = Field::other;  // what a folded line goes on with
};

}  // namespace postern::mime
