#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/io/dialer.h"
#include "core/io/loop.h"
#include "core/io/resolver.h"
#include "core/io/tcp.h"
#include "core/io/tls.h"

namespace postern {

/// The Dialer of the real network. At most four of a name's addresses are tried, a new one every 250 ms or as soon as
/// one fails (RFC 8305), each for at most 15 s; the first connection wins. One per loop; `resolver` and `sessions`
/// outlive it.
class NetDialer final : public Dialer {
 public:
  NetDialer(Loop& loop, Resolver& resolver, TlsSessionCache& sessions)
      : loop_(loop), resolver_(resolver), sessions_(sessions) {}
  Task<Result<std::unique_ptr<Stream>>> dial(Endpoint endpoint, Wait wait) override;
  Task<Result<std::unique_ptr<Stream>>> secure(std::unique_ptr<Stream> clear, Endpoint endpoint, Wait wait) override;

 private:
  Task<Result<std::unique_ptr<TcpStream>>> connect(std::string host, std::uint16_t port, Wait wait);
  Result<std::shared_ptr<const TlsTrust>> trust(const std::string& ca_file);

  Loop& loop_;
  Resolver& resolver_;
  TlsSessionCache& sessions_;
  std::unordered_map<std::string, std::shared_ptr<const TlsTrust>> trust_;
};

}  // namespace postern
