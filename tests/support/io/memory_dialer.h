#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/io/task_group.h"
#include "tests/support/io/memory_stream.h"

namespace postern::testing {

/// A Dialer whose servers are coroutines of this process. dial() starts the server of "host:port" on the other end of a
/// memory stream; where there is none, the connection is refused. TLS is only counted: octets pass in clear on both
/// sides, before and after secure(). Owns the servers' tasks; those that have not ended die with it.
class MemoryDialer final : public Dialer {
 public:
  using Server = std::function<Task<void>(std::unique_ptr<Stream>)>;

  explicit MemoryDialer(Scheduler& scheduler) : scheduler_(scheduler), servers_(scheduler) {}

  /// `server` is called for each connection to host:port. It may be a capturing lambda as long as it only calls a
  /// coroutine and is not one itself.
  void serve(const std::string& host, std::uint16_t port, Server server);
  /// Fails the next dial() with `error`; several are used in turn.
  void fail_next(Error error) { failures_.push_back(std::move(error)); }
  /// Fails the next secure() with `error`; the clear stream is gone then, as after a refused handshake.
  void fail_next_secure(Error error) { handshake_failures_.push_back(std::move(error)); }
  /// How octets travel on connections dialled from now on.
  void shape(PipeOptions to_server, PipeOptions to_client) {
    to_server_ = to_server;
    to_client_ = to_client;
  }

  Task<Result<std::unique_ptr<Stream>>> dial(Endpoint endpoint, Wait wait) override;
  Task<Result<std::unique_ptr<Stream>>> secure(std::unique_ptr<Stream> clear, Endpoint endpoint, Wait wait) override;

  std::size_t dialled() const { return dialled_; }
  std::size_t secured() const { return secured_; }
  std::size_t serving() const { return servers_.running(); }

 private:
  Scheduler& scheduler_;
  std::map<std::string, Server> servers_by_name_;
  std::deque<Error> failures_;
  std::deque<Error> handshake_failures_;
  PipeOptions to_server_;
  PipeOptions to_client_;
  std::size_t dialled_ = 0;
  std::size_t secured_ = 0;
  TaskGroup servers_;
};

}  // namespace postern::testing
