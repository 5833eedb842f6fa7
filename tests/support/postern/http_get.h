#pragma once

#include <cstdint>
#include <string>

namespace postern::testing {

struct HttpAnswer {
  int status = 0;  // 0: nobody answered
  std::string body;
};

/// GET http://127.0.0.1:PORT/PATH, over a connection of its own.
HttpAnswer http_get(std::uint16_t port, const std::string& path);

}  // namespace postern::testing
