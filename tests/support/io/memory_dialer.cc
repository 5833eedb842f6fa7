#include "tests/support/io/memory_dialer.h"

#include <utility>

namespace postern::testing {
namespace {
std::string key(const std::string& host, std::uint16_t port) { return host + ":" + std::to_string(port); }
}  // namespace

void MemoryDialer::serve(const std::string& host, std::uint16_t port, Server server) {
  servers_by_name_[key(host, port)] = std::move(server);
}

Task<Result<std::unique_ptr<Stream>>> MemoryDialer::dial(Endpoint endpoint, Wait wait) {
  if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while connecting");
  ++dialled_;
  if (!failures_.empty()) {
    Error error = std::move(failures_.front());
    failures_.pop_front();
    co_return fail(std::move(error));
  }
  const std::string name = key(endpoint.host, endpoint.port);
  const auto found = servers_by_name_.find(name);
  if (found == servers_by_name_.end()) {
    co_return fail(Error(ErrorKind::transient, "connection refused").at(name));
  }
  auto ends = memory_streams(scheduler_, to_server_, to_client_);
  servers_.spawn(found->second(std::move(ends.second)));
  if (endpoint.tls == TlsMode::implicit) ++secured_;
  co_return std::unique_ptr<Stream>(std::move(ends.first));
}

Task<Result<std::unique_ptr<Stream>>> MemoryDialer::secure(std::unique_ptr<Stream> clear, Endpoint, Wait) {
  if (!handshake_failures_.empty()) {
    Error error = std::move(handshake_failures_.front());
    handshake_failures_.pop_front();
    clear->close();
    co_return fail(std::move(error));
  }
  ++secured_;
  co_return std::move(clear);
}

}  // namespace postern::testing
