#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace postern::daemon {

/// "1,234,567".
std::string with_thousands(std::uint64_t number);
/// "4.7 KiB", "12 MiB": three figures at most.
std::string octets_for_people(std::uint64_t octets);
/// "850 ms", "42 s", "3 min 20 s", "2 h 5 min", "3 d 4 h".
std::string duration_for_people(std::chrono::nanoseconds duration);

}  // namespace postern::daemon
