#include "core/io/socket_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

namespace postern {

std::optional<NativeAddress> to_native(const SocketAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.ip.c_str(), std::to_string(address.port).c_str(), &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  NativeAddress native;
  std::memcpy(&native.storage, found->ai_addr, found->ai_addrlen);
  native.length = found->ai_addrlen;
  return native;
}

SocketAddress from_native(const NativeAddress& native) {
  char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1] = "";
  char port[8] = "";
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&native.storage), native.length, host, sizeof host, port,
                  sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return {host, static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10))};
}

std::string SocketAddress::to_string() const {
  const bool v6 = ip.find(':') != std::string::npos;
  return (v6 ? "[" + ip + "]:" : ip + ":") + std::to_string(port);
}

bool is_ip_literal(const std::string& host) {
  in6_addr octets{};
  const std::string bare = host.substr(0, host.find('%'));
  return inet_pton(AF_INET, host.c_str(), &octets) == 1 || inet_pton(AF_INET6, bare.c_str(), &octets) == 1;
}

}  // namespace postern
