#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace postern::testing {

/// A TCP connection to 127.0.0.1 with blocking reads and writes, TLS on top when asked to. The certificate is not
/// verified: what is on the other end was started by the test. A read that takes 60 s fails.
class BlockingSocket {
 public:
  explicit BlockingSocket(std::uint16_t port);
  ~BlockingSocket();
  BlockingSocket(const BlockingSocket&) = delete;
  BlockingSocket& operator=(const BlockingSocket&) = delete;

  void start_tls();
  /// At least one octet; 0 at the end.
  std::size_t read_some(std::span<char> into);
  void write_all(std::string_view octets);

 private:
  int fd_ = -1;
  ssl_ctx_st* context_ = nullptr;
  ssl_st* ssl_ = nullptr;
};

}  // namespace postern::testing
