#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "tests/support/delay_proxy/line.h"

namespace postern::testing {

/// A long line to a server of this machine: a TCP proxy on 127.0.0.1 that passes the octets of any number of
/// connections on unchanged, half a round trip later each way. What is in flight does not slow the line down: it has
/// the bandwidth of `shape.rate`, whatever the delay. Opening a connection takes a round trip, as TCP's does; a
/// half-close passes; a reset of one side resets the other. Has a thread of its own; its calls are for any thread.
class DelayProxy {
 public:
  /// To 127.0.0.1:`to`. Throws std::system_error when there are no sockets to be had.
  DelayProxy(std::uint16_t to, LineShape shape);
  /// Cuts what is still connected.
  ~DelayProxy();
  DelayProxy(const DelayProxy&) = delete;
  DelayProxy& operator=(const DelayProxy&) = delete;

  std::uint16_t port() const { return port_; }

  /// What has passed so far.
  struct Passed {
    std::uint64_t connections = 0;
    std::uint64_t to_server = 0;  // octets that a client has put in
    std::uint64_t to_client = 0;
    /// How often a client spoke after it had heard its server: the round trips that the connections' clients have
    /// waited for, opening a connection not counted.
    std::uint64_t turns = 0;
  };
  Passed passed() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
  std::uint16_t port_;
  std::thread thread_;
};

}  // namespace postern::testing
