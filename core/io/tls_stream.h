#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"

namespace postern {

/// Where TLS meets the stream below: BoringSSL reads from `in` and appends to `out`, and never waits.
struct TlsWire {
  std::unique_ptr<char[]> in;
  std::size_t capacity = 0;
  std::size_t head = 0;  // in[head, tail) is received and not yet read by BoringSSL
  std::size_t tail = 0;
  bool ended = false;  // the stream below has ended
  Bytes out;
};

/// A TLS connection over any Stream, either side of it; tls_connect() makes the client's. Private to core/io and the
/// tests' server. Lives where the stream below lives, and owns it.
class TlsStream final : public Stream {
 public:
  /// `ssl` has its role (connect or accept state) and everything but its BIOs.
  TlsStream(std::unique_ptr<Stream> lower, bssl::UniquePtr<SSL> ssl);
  ~TlsStream() override;

  /// Before any other operation. A failed handshake's reason from BoringSSL is told by tls_handshake_error().
  Task<Result<void>> handshake(Wait wait);

  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override;
  Task<Result<void>> write_all(ByteView octets, Wait wait) override;
  Task<Result<void>> shutdown(Wait wait) override;
  void close() override;

  SSL* ssl() { return ssl_.get(); }
  /// What must live as long as `ssl` (its callbacks' context).
  void keep(std::shared_ptr<void> context) { context_ = std::move(context); }

 private:
  Task<Result<void>> fill(Wait wait);
  Task<Result<void>> flush(Wait wait);
  Result<void> seal(ByteView octets);
  void size_buffer(std::size_t got);

  std::unique_ptr<Stream> lower_;
  std::unique_ptr<TlsWire> wire_;
  std::shared_ptr<void> context_;
  bssl::UniquePtr<SSL> ssl_;
  bool torn_ = false;  // a flush has not come to its end: the peer may hold half a record
  bool closed_ = false;
};

/// Verification and session keeping, which need what tls_connect() ties to each connection.
void tls_install_callbacks(SSL_CTX* context);

/// The newest reason in BoringSSL's error queue, which is emptied: "WRONG_VERSION_NUMBER"; and what follows from it.
Error tls_handshake_error();
std::string tls_take_reason();

}  // namespace postern
