#include "core/io/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "core/io/poll.h"
#include "core/io/socket_address.h"

namespace postern {
namespace {

tl::unexpected<Error> fail_with_errno(std::string_view doing, int code) {
  return fail(ErrorKind::transient, std::string(doing) + ": " + std::strerror(code));
}

void set_option(int fd, int level, int name, int value) { setsockopt(fd, level, name, &value, sizeof value); }

/// Best effort: a socket without these options still works.
void tune(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 60'000);
}

bool would_block(int code) { return code == EAGAIN || code == EWOULDBLOCK; }

}  // namespace

TcpStream::TcpStream(Loop& loop, int fd) : poll_(std::make_unique<Poll>(loop, fd)) { tune(fd); }
TcpStream::~TcpStream() = default;

Task<Result<std::unique_ptr<TcpStream>>> TcpStream::connect(Loop& loop, SocketAddress to, Wait wait) {
  const auto native = to_native(to);
  if (!native) co_return fail(ErrorKind::internal, "\"" + to.ip + "\" is not a numeric address");
  const int fd = ::socket(native->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail_with_errno("cannot make a socket", errno);
  auto stream = std::make_unique<TcpStream>(loop, fd);
  if (stream->poll_->closed()) co_return fail(ErrorKind::transient, "cannot watch a socket");
  if (::connect(fd, native->get(), native->length) != 0) {
    if (errno != EINPROGRESS && errno != EINTR) co_return fail_with_errno("cannot connect", errno);
    const Result<void> ready = co_await stream->poll_->writable(wait);
    if (!ready) {
      if (ready.error().kind() == ErrorKind::cancelled)
        co_return fail(ErrorKind::cancelled, "stopped while connecting");
      co_return fail(ErrorKind::transient, "timed out while connecting");
    }
    int code = 0;
    socklen_t size = sizeof code;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size);
    if (code != 0) co_return fail_with_errno("cannot connect", code);
  }
  stream->poll_->read_blocked();  // the peer has hardly had time to answer
  co_return stream;
}

Task<Result<std::size_t>> TcpStream::read_some(std::span<char> into, Wait wait) {
  Poll& poll = *poll_;
  for (;;) {
    if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while reading");
    if (poll.closed()) co_return fail(ErrorKind::transient, "the connection is closed");
    if (poll.may_read()) {
      const ssize_t got = ::recv(poll.fd(), into.data(), into.size(), 0);
      if (got >= 0) {
        const auto size = static_cast<std::size_t>(got);
        if (size < into.size()) poll.read_blocked();  // the kernel's buffer is empty: no need to ask again
        co_return size;
      }
      if (errno == EINTR) continue;
      if (!would_block(errno)) co_return fail_with_errno("reading failed", errno);
      poll.read_blocked();
    }
    const Result<void> ready = co_await poll.readable(wait);
    if (!ready) co_return fail(ready.error());
  }
}

Task<Result<void>> TcpStream::write_all(ByteView octets, Wait wait) {
  Poll& poll = *poll_;
  while (!octets.empty()) {
    if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while writing");
    if (poll.closed()) co_return fail(ErrorKind::transient, "the connection is closed");
    if (poll.may_write()) {
      const ssize_t sent = ::send(poll.fd(), octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        octets.remove_prefix(static_cast<std::size_t>(sent));
        if (!octets.empty()) poll.write_blocked();
        continue;
      }
      if (errno == EINTR) continue;
      if (!would_block(errno)) co_return fail_with_errno("writing failed", errno);
      poll.write_blocked();
    }
    const Result<void> ready = co_await poll.writable(wait);
    if (!ready) co_return fail(ready.error());
  }
  co_return {};
}

Task<Result<void>> TcpStream::shutdown(Wait) {
  if (poll_->closed()) co_return fail(ErrorKind::transient, "the connection is closed");
  if (::shutdown(poll_->fd(), SHUT_WR) != 0) co_return fail_with_errno("shutting down failed", errno);
  co_return {};
}

void TcpStream::close() { poll_->close(); }

void TcpStream::reset() {
  if (poll_->closed()) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(poll_->fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  poll_->close();
}

SocketAddress TcpStream::peer() const {
  NativeAddress native;
  if (poll_->closed() || getpeername(poll_->fd(), native.get(), &native.length) != 0) return {};
  return from_native(native);
}

TcpListener::TcpListener(Loop& loop, int fd, std::uint16_t port)
    : loop_(loop), poll_(std::make_unique<Poll>(loop, fd)), port_(port) {}
TcpListener::~TcpListener() = default;
void TcpListener::close() { poll_->close(); }

Result<std::unique_ptr<TcpListener>> TcpListener::listen(Loop& loop, SocketAddress at) {
  const auto native = to_native(at);
  if (!native) {
    return fail(Error(ErrorKind::config, "cannot listen on \"" + at.ip + "\": not a numeric address")
                    .remedy("write an IPv4 or IPv6 address, for example 127.0.0.1"));
  }
  const int fd = ::socket(native->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_with_errno("cannot make a socket", errno);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (native->storage.ss_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  constexpr int kBacklog = 128;
  NativeAddress bound;
  if (::bind(fd, native->get(), native->length) != 0 || ::listen(fd, kBacklog) != 0 ||
      getsockname(fd, bound.get(), &bound.length) != 0) {
    const int code = errno;
    ::close(fd);
    return fail(Error(ErrorKind::config, "cannot listen on " + at.to_string() + ": " + std::strerror(code))
                    .remedy("choose an address of this machine and a port that nothing else uses"));
  }
  std::unique_ptr<TcpListener> listener(new TcpListener(loop, fd, from_native(bound).port));
  if (listener->poll_->closed()) return fail(ErrorKind::transient, "cannot watch a socket");
  return listener;
}

Task<Result<std::unique_ptr<TcpStream>>> TcpListener::accept(Wait wait) {
  for (;;) {
    if (poll_->closed()) co_return fail(ErrorKind::transient, "the listener is closed");
    const int fd = ::accept4(poll_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) co_return std::make_unique<TcpStream>(loop_, fd);
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (!would_block(errno)) co_return fail_with_errno("accepting a connection failed", errno);
    const Result<void> ready = co_await poll_->readable(wait);
    if (!ready) co_return fail(ready.error());
  }
}

}  // namespace postern
