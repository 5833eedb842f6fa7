#include "tests/support/plain_imap/blocking_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <stdexcept>
#include <system_error>

namespace postern::testing {

BlockingSocket::BlockingSocket(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{60, 0};
  const int yes = 1;
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int error = errno;
    ::close(fd_);
    throw std::system_error(error, std::generic_category(), "connect to port " + std::to_string(port));
  }
}

BlockingSocket::~BlockingSocket() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  ::close(fd_);
}

void BlockingSocket::start_tls() {
  context_ = SSL_CTX_new(TLS_client_method());
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  if (SSL_connect(ssl_) != 1) throw std::runtime_error("TLS handshake failed");
}

std::size_t BlockingSocket::read_some(std::span<char> into) {
  const auto room = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
  const auto n = ssl_ != nullptr ? SSL_read(ssl_, into.data(), room) : ::recv(fd_, into.data(), into.size(), 0);
  if (n < 0 && ssl_ == nullptr) throw std::system_error(errno, std::generic_category(), "read");
  if (n < 0) throw std::runtime_error("TLS read failed");
  return static_cast<std::size_t>(n);
}

void BlockingSocket::write_all(std::string_view octets) {
  while (!octets.empty()) {
    const auto some = static_cast<int>(std::min<std::size_t>(octets.size(), 1 << 20));
    const auto n = ssl_ != nullptr ? SSL_write(ssl_, octets.data(), some)
                                   : ::send(fd_, octets.data(), static_cast<std::size_t>(some), MSG_NOSIGNAL);
    if (n <= 0) throw std::runtime_error("write to the server failed");
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace postern::testing
