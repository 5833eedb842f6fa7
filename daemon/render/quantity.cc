#include "daemon/render/quantity.h"

#include <fmt/format.h>

#include <array>

namespace postern::daemon {

std::string with_thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string octets_for_people(std::uint64_t octets) {
  constexpr std::array<const char*, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (octets < 1'024) return std::to_string(octets) + " B";
  double value = static_cast<double>(octets) / 1'024;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1'024;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.95 ? 1 : 0, kUnits[unit]);
}

std::string duration_for_people(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < seconds(1)) return fmt::format("{} ms", round<milliseconds>(duration).count());
  const auto all = floor<seconds>(duration).count();
  if (all < 60) return fmt::format("{} s", all);
  if (all < 3'600) return fmt::format("{} min {} s", all / 60, all % 60);
  if (all < 86'400) return fmt::format("{} h {} min", all / 3'600, all % 3'600 / 60);
  return fmt::format("{} d {} h", all / 86'400, all % 86'400 / 3'600);
}

}  // namespace postern::daemon
