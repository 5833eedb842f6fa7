#pragma once

#include <sys/socket.h>

#include <optional>

#include "core/io/tcp.h"

namespace postern {

/// SocketAddress as the kernel takes it. Private to core/io.
struct NativeAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Nothing when `address.ip` is not numeric.
std::optional<NativeAddress> to_native(const SocketAddress& address);
SocketAddress from_native(const NativeAddress& native);

}  // namespace postern
