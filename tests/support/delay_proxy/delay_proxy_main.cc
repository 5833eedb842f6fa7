// delay_proxy: a long line to a server of this machine, for benchmarks that are scripts (delay_proxy.h).
//
//   delay_proxy --to PORT [--rtt 50ms] [--rate 100mbit]
//       Prints "port=N", then runs until SIGTERM, SIGINT or the end of the process that started it. At SIGUSR1, and at
//       its end, prints what has passed: "connections=N to_server=OCTETS to_client=OCTETS turns=N" (turns: how often a
//       client spoke after it had heard its server).

#include <fmt/format.h>
#include <sys/prctl.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/delay_proxy/delay_proxy.h"

namespace postern::testing {
namespace {

/// A number and its unit: "50ms" by {"ms": 1e6, "s": 1e9} is 5e7.
std::uint64_t quantity(const std::string& text, const std::map<std::string, double>& units) {
  std::size_t end = 0;
  const double number = std::stod(text, &end);
  const auto unit = units.find(text.substr(end));
  if (unit == units.end() || number < 0) throw std::invalid_argument("not understood: " + text);
  return static_cast<std::uint64_t>(number * unit->second);
}

int serve(const std::vector<std::string>& arguments) {
  std::uint16_t to = 0;
  LineShape shape;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--to") {
      to = static_cast<std::uint16_t>(std::stoul(value));
    } else if (arguments[i] == "--rtt") {
      shape.rtt = std::chrono::nanoseconds(quantity(value, {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}));
    } else if (arguments[i] == "--rate") {
      shape.rate = quantity(value, {{"kbit", 1e3 / 8}, {"mbit", 1e6 / 8}, {"gbit", 1e9 / 8}});
    } else {
      throw std::invalid_argument("no such option: " + arguments[i]);
    }
  }
  if (to == 0 || arguments.size() % 2 != 0) {
    throw std::invalid_argument("usage: delay_proxy --to PORT [--rtt 50ms] [--rate 100mbit]");
  }
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the proxy's thread is there to take them
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const DelayProxy proxy(to, shape);
  fmt::print("port={}\n", proxy.port());
  std::fflush(stdout);
  for (int signal = SIGUSR1; signal == SIGUSR1;) {
    sigwait(&signals, &signal);
    const DelayProxy::Passed passed = proxy.passed();
    fmt::print("connections={} to_server={} to_client={} turns={}\n", passed.connections, passed.to_server,
               passed.to_client, passed.turns);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace postern::testing

int main(int argc, char** argv) {
  try {
    return postern::testing::serve({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "delay_proxy: {}\n", error.what());
    return 2;
  }
}
