#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/io/loop.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

class Poll;

/// A numeric address: IPv4 or IPv6 (with an optional "%zone"), no names.
struct SocketAddress {
  std::string ip;
  std::uint16_t port = 0;

  /// "192.0.2.1:993", "[2001:db8::1]:993".
  std::string to_string() const;
  friend bool operator==(const SocketAddress&, const SocketAddress&) = default;
};

/// True for an IPv4 or IPv6 literal (no brackets).
bool is_ip_literal(const std::string& host);

/// One TCP connection. Reads go from the kernel straight into the caller's buffer, so large buffers make it fast; it
/// holds no buffer itself, so that an idle connection costs next to nothing. No Nagle delay; keepalive probes after a
/// minute; unacknowledged octets end the connection after 60 s (TCP_USER_TIMEOUT).
class TcpStream final : public Stream {
 public:
  static Task<Result<std::unique_ptr<TcpStream>>> connect(Loop& loop, SocketAddress to, Wait wait);
  /// Takes over a connected, non-blocking socket.
  TcpStream(Loop& loop, int fd);
  ~TcpStream() override;

  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override;
  Task<Result<void>> write_all(ByteView octets, Wait wait) override;
  Task<Result<void>> shutdown(Wait wait) override;
  void close() override;
  /// Closes so that the peer sees a reset instead of an end (tests of such servers).
  void reset();
  SocketAddress peer() const;

 private:
  std::unique_ptr<Poll> poll_;
};

/// Takes connections: the HTTP server's, and those of the servers in tests.
class TcpListener {
 public:
  /// `at.port` 0 takes a free port, which port() tells.
  static Result<std::unique_ptr<TcpListener>> listen(Loop& loop, SocketAddress at);
  ~TcpListener();
  Task<Result<std::unique_ptr<TcpStream>>> accept(Wait wait);
  std::uint16_t port() const { return port_; }
  /// Stops listening; an accept() under way fails.
  void close();

 private:
  TcpListener(Loop& loop, int fd, std::uint16_t port);
  Loop& loop_;
  std::unique_ptr<Poll> poll_;
  std::uint16_t port_;
};

}  // namespace postern
