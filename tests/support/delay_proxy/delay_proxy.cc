#include "tests/support/delay_proxy/delay_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <list>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace postern::testing {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const char* doing) { throw std::system_error(errno, std::generic_category(), doing); }

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A socket of a rated line holds little: what the kernel keeps for it is no part of the line.
void tune(int fd, const LineShape& shape) {
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const int little = 128 * 1024;
  if (shape.rate != 0) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
}

Descriptor tcp_socket() {
  Descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) give_up("socket");
  return fd;
}

void reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

/// The proxy's thread: one poll over all sockets and moments.
class DelayProxy::Engine {
 public:
  Engine(std::uint16_t to, const LineShape& shape)
      : to_(to), shape_(shape), listener_(tcp_socket()), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (wake_.get() < 0) give_up("eventfd");
    tune(listener_.get(), shape_);  // before listening: accepted sockets have it from the first segment on
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    auto* at = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), at, size) != 0 || ::listen(listener_.get(), 512) != 0 ||
        ::getsockname(listener_.get(), at, &size) != 0) {
      give_up("listen");
    }
    port_ = ntohs(address.sin_port);
  }

  std::uint16_t port() const { return port_; }
  Passed passed() const { return {connections_, to_server_, to_client_, turns_}; }

  void stop() { static_cast<void>(::eventfd_write(wake_.get(), 1)); }

  void run() {
    while (!stopped()) {
      accept_all();
      const LineTime now = Clock::now();
      for (auto it = links_.begin(); it != links_.end();) it = serve(*it, now) ? std::next(it) : links_.erase(it);
      wait();
    }
    for (Link& link : links_) cut(link);
  }

 private:
  /// A connection: the client's socket, the server's, and the two directions between them.
  struct Link {
    Link(Descriptor accepted, const LineShape& shape, LineTime now)
        : client(std::move(accepted)), opened(now + shape.rtt), dial(opened + shape.rtt / 2), up(shape), down(shape) {}
    Descriptor client, server;
    LineTime opened;  // when the client would have seen its SYN answered
    LineTime dial;    // when the server would have seen the connection complete
    OneWay up, down;
    bool server_spoke = false;  // and was heard, since the client last spoke
    bool connecting = false;
    bool up_blocked = false, down_blocked = false;  // the receiver takes no more at the moment
  };

  bool stopped() {
    eventfd_t count = 0;
    return ::eventfd_read(wake_.get(), &count) == 0;
  }

  void accept_all() {
    for (;;) {
      Descriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd.get() < 0) return;
      tune(fd.get(), shape_);
      links_.emplace_back(std::move(fd), shape_, Clock::now());
      ++connections_;
    }
  }

  /// False: the connection has ended.
  bool serve(Link& link, LineTime now) {
    if (link.server.get() < 0 && now >= link.dial && !connect(link)) return cut(link);
    if (link.connecting && !connected(link)) return cut(link);
    const bool up = take(link.client.get(), link.up, std::max(now, link.opened), to_server_, [&] {
      if (std::exchange(link.server_spoke, false)) ++turns_;
    });
    if (!up) return cut(link);
    if (link.server.get() < 0 || link.connecting) return true;
    if (!take(link.server.get(), link.down, now, to_client_, [] {})) return cut(link);
    if (!give(link.server.get(), link.up, now, link.up_blocked, [] {})) return cut(link);
    if (!give(link.client.get(), link.down, now, link.down_blocked, [&] { link.server_spoke = true; })) {
      return cut(link);
    }
    return !(link.up.ended() && link.up.empty() && link.down.ended() && link.down.empty());
  }

  /// False: the server refused at once.
  bool connect(Link& link) {
    link.server = tcp_socket();
    tune(link.server.get(), shape_);
    const sockaddr_in address = loopback(to_);
    const auto* at = reinterpret_cast<const sockaddr*>(&address);
    link.connecting = ::connect(link.server.get(), at, sizeof address) != 0;
    return !link.connecting || errno == EINPROGRESS;
  }

  /// False: the server refused.
  static bool connected(Link& link) {
    int code = 0;
    socklen_t size = sizeof code;
    if (::getsockopt(link.server.get(), SOL_SOCKET, SO_ERROR, &code, &size) != 0 || code != 0) return false;
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    link.connecting = ::getpeername(link.server.get(), reinterpret_cast<sockaddr*>(&peer), &length) != 0;
    return true;
  }

  /// Reads what `from` has, as far as the line has room. False: the connection broke.
  template <class Noticed>
  bool take(int from, OneWay& line, LineTime now, std::atomic<std::uint64_t>& counter, Noticed noticed) {
    while (!line.ended() && line.roomy()) {
      buffer_.resize(line.slice());
      const ssize_t got = ::recv(from, buffer_.data(), buffer_.size(), 0);
      if (got < 0) return would_block();
      if (got == 0) {
        line.put_end(now);
        return true;
      }
      noticed();
      counter += static_cast<std::uint64_t>(got);
      line.put(std::string(buffer_.data(), static_cast<std::size_t>(got)), now);
    }
    return true;
  }

  /// Writes what is due. False: the connection broke.
  template <class Noticed>
  static bool give(int to, OneWay& line, LineTime now, bool& blocked, Noticed noticed) {
    blocked = false;
    while (!line.empty() && line.due() <= now) {
      const std::string_view octets = line.front();
      if (octets.empty()) {
        line.pop(0);
        return ::shutdown(to, SHUT_WR) == 0;
      }
      const ssize_t sent = ::send(to, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        blocked = would_block();
        return blocked;
      }
      noticed();
      line.pop(static_cast<std::size_t>(sent));
    }
    return true;
  }

  static bool cut(Link& link) {
    reset(link.client.get());
    if (link.server.get() >= 0) reset(link.server.get());
    return false;
  }

  /// Until a socket has something to say or take, or octets come out of a line.
  void wait() {
    polled_.clear();
    LineTime next = LineTime::max();
    const auto watch = [&](int fd, int events) {
      if (events != 0) polled_.push_back({fd, static_cast<short>(events), 0});
    };
    const auto comes_out = [&](const OneWay& line, bool blocked) {
      if (!line.empty() && !blocked) next = std::min(next, line.due());
    };
    const auto takes = [](const OneWay& line) { return !line.ended() && line.roomy() ? POLLIN : 0; };
    watch(wake_.get(), POLLIN);
    watch(listener_.get(), POLLIN);
    for (const Link& link : links_) {
      const bool through = link.server.get() >= 0 && !link.connecting;
      watch(link.client.get(), takes(link.up) | (link.down_blocked ? POLLOUT : 0));
      if (through) {
        watch(link.server.get(), takes(link.down) | (link.up_blocked ? POLLOUT : 0));
        comes_out(link.up, link.up_blocked);
        comes_out(link.down, link.down_blocked);
      } else if (link.connecting) {
        watch(link.server.get(), POLLOUT);
      } else {
        next = std::min(next, link.dial);
      }
    }
    std::optional<timespec> limit;
    if (next != LineTime::max()) {
      const auto rest = std::max(next - Clock::now(), Clock::duration::zero());
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
      limit = timespec{seconds.count(), (rest - seconds).count()};
    }
    static_cast<void>(::ppoll(polled_.data(), polled_.size(), limit ? &*limit : nullptr, nullptr));
  }

  std::uint16_t to_;
  LineShape shape_;
  Descriptor listener_, wake_;
  std::uint16_t port_ = 0;
  std::list<Link> links_;
  std::vector<pollfd> polled_;
  std::vector<char> buffer_;
  std::atomic<std::uint64_t> connections_ = 0, to_server_ = 0, to_client_ = 0, turns_ = 0;
};

DelayProxy::DelayProxy(std::uint16_t to, LineShape shape)
    : engine_(std::make_unique<Engine>(to, shape)), port_(engine_->port()), thread_([this] { engine_->run(); }) {}

DelayProxy::~DelayProxy() {
  engine_->stop();
  thread_.join();
}

DelayProxy::Passed DelayProxy::passed() const { return engine_->passed(); }

}  // namespace postern::testing
