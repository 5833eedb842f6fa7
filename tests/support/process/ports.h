#pragma once

#include <chrono>
#include <cstdint>

namespace postern::testing {

/// A TCP port on 127.0.0.1 that was free when asked. Nothing reserves it: a server that finds it taken must be started
/// again on another.
std::uint16_t free_port();

/// Waits until something accepts connections on 127.0.0.1:`port`; false when nobody did within `limit`.
bool wait_for_port(std::uint16_t port, std::chrono::milliseconds limit);

}  // namespace postern::testing
