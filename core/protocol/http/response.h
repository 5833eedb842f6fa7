#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace postern::http {

/// A whole response, and the last on its connection.
struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // of a 405: the methods that there are
};

/// "Not Found". Of the statuses used here; "Unknown" else.
std::string_view reason_phrase(unsigned status);

/// The octets to send. With `head` the body stays away, its length is still announced (RFC 9110 §9.3.2).
Bytes serialise(const Response& response, bool head);

}  // namespace postern::http
