#include "tests/support/process/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

namespace postern::testing {
namespace {

class LoopbackSocket {
 public:
  explicit LoopbackSocket(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
    address_.sin_family = AF_INET;
    address_.sin_port = htons(port);
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  ~LoopbackSocket() { ::close(fd_); }
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  bool connects() { return ::connect(fd_, address(), sizeof address_) == 0; }

  std::uint16_t bind_anywhere() {
    socklen_t size = sizeof address_;
    if (::bind(fd_, address(), size) != 0 || ::getsockname(fd_, address(), &size) != 0) {
      throw std::system_error(errno, std::generic_category(), "bind");
    }
    return ntohs(address_.sin_port);
  }

 private:
  sockaddr* address() { return reinterpret_cast<sockaddr*>(&address_); }
  int fd_;
  sockaddr_in address_{};
};

}  // namespace

std::uint16_t free_port() { return LoopbackSocket(0).bind_anywhere(); }

bool wait_for_port(std::uint16_t port, std::chrono::milliseconds limit) {
  using std::chrono::milliseconds;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  // A refused connection is the only sign there is that nobody listens yet, hence the polling.
  for (milliseconds pause(1);; pause = std::min(2 * pause, milliseconds(50))) {
    if (LoopbackSocket(port).connects()) return true;
    if (std::chrono::steady_clock::now() + pause > deadline) return false;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace postern::testing
