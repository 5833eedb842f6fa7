#include "core/base/stop_point.h"

#ifdef POSTERN_STOP_POINTS

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace postern::stop_point {
namespace {

std::uint64_t number(const char* name) {
  const char* said = std::getenv(name);
  return said == nullptr ? 0 : std::strtoull(said, nullptr, 10);
}

bool only_cuts() {
  const char* said = std::getenv("POSTERN_STOP_HOW");
  return said != nullptr && std::string_view(said) == "cut";
}

std::atomic<std::uint64_t> steps, cuts_made;

}  // namespace

void reached() {
  static const std::uint64_t stop_at = number("POSTERN_STOP_AT");
  static const bool cut = only_cuts();
  if (stop_at == 0 || ++steps != stop_at) return;
  if (!cut) std::raise(SIGKILL);
  std::fputs("stop point reached: all connections are cut\n", stderr);
  ++cuts_made;
}

std::uint64_t cuts() { return cuts_made; }

std::chrono::milliseconds settle(std::chrono::milliseconds usual) {
  static const std::uint64_t said = number("POSTERN_STOP_SETTLE_MS");
  return said == 0 ? usual : std::chrono::milliseconds(said);
}

}  // namespace postern::stop_point

#else

namespace postern::stop_point {

void reached() {}
std::uint64_t cuts() { return 0; }
std::chrono::milliseconds settle(std::chrono::milliseconds usual) { return usual; }

}  // namespace postern::stop_point

#endif
