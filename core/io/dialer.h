#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

/// How the line is protected. `none` only after the configuration has allowed it.
enum class TlsMode : std::uint8_t { implicit, starttls, none };

struct Endpoint {
  std::string host;  // a name, or an IPv4/IPv6 literal
  std::uint16_t port = 0;
  TlsMode tls = TlsMode::implicit;
  std::string ca_file;  // PEM; empty: the system's store
};

/// Makes connections: names to addresses, addresses to TCP, TCP to TLS. NetDialer is the real one; tests have one in
/// memory.
class Dialer {
 public:
  virtual ~Dialer() = default;
  /// A stream to `endpoint`, handshake and verification done when tls is implicit, clear otherwise.
  virtual Task<Result<std::unique_ptr<Stream>>> dial(Endpoint endpoint, Wait wait) = 0;
  /// Puts TLS on top of a clear stream at STARTTLS's hand-over point, verified as for implicit TLS. The caller has made
  /// sure that no octet of the clear line is buffered (response injection).
  virtual Task<Result<std::unique_ptr<Stream>>> secure(std::unique_ptr<Stream> clear, Endpoint endpoint, Wait wait) = 0;
};

}  // namespace postern
