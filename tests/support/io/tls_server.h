#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "tests/support/io/certificates.h"

namespace postern::testing {

/// The server's side of TLS, for tests: an identity and how (badly) it behaves. One object serves many connections and
/// resumes their sessions.
class TlsServer {
 public:
  enum class Version : std::uint8_t { tls1_0, tls1_1, tls1_2, tls1_3 };

  explicit TlsServer(const Identity& identity);
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer();

  void versions(Version lowest, Version highest);
  /// Presents another certificate from now on; sessions made before can still be resumed.
  void present(const Identity& identity);
  /// Sends `count` unrelated certificates after its own.
  void pad_chain(const std::string& certificate_pem, std::size_t count);

  /// The handshake as the server, over `clear`.
  Task<Result<std::unique_ptr<Stream>>> accept(Scheduler& scheduler, std::unique_ptr<Stream> clear, Wait wait);

  std::size_t handshakes() const { return handshakes_; }
  std::size_t resumed() const { return resumed_; }
  /// The SNI of the latest ClientHello.
  const std::string& server_name() const { return server_name_; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::size_t handshakes_ = 0;
  std::size_t resumed_ = 0;
  std::string server_name_;
};

}  // namespace postern::testing
