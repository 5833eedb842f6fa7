#include "tests/support/postern/http_get.h"

#include <array>
#include <cstdlib>
#include <exception>

#include "tests/support/plain_imap/blocking_socket.h"

namespace postern::testing {

HttpAnswer http_get(std::uint16_t port, const std::string& path) try {
  BlockingSocket socket(port);
  socket.write_all("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  std::string text;
  std::array<char, 4096> chunk;
  while (const std::size_t got = socket.read_some(chunk)) text.append(chunk.data(), got);
  const auto space = text.find(' '), end = text.find("\r\n\r\n");
  if (space == std::string::npos || end == std::string::npos) return {};
  return {std::atoi(text.c_str() + space), text.substr(end + 4)};
} catch (const std::exception&) {
  return {};
}

}  // namespace postern::testing
