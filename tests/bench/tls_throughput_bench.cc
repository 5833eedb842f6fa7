// How fast one core takes plaintext from a TLS connection on loopback. The peer seals on a thread of its own.
//   tls_throughput_bench [MiB] [KiB per read]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <thread>

#include "core/io/loop.h"
#include "core/io/tcp.h"
#include "core/io/tls.h"
#include "tests/support/io/certificates.h"
#include "tests/support/io/tls_server.h"

namespace postern {
namespace {

struct Numbers {
  double seconds = 0;
  double cpu_seconds = 0;
  std::size_t octets = 0;
  std::size_t reads = 0;
};

double thread_cpu() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Task<void> serve(Loop& loop, TcpListener& listener, testing::TlsServer& tls, std::size_t octets) {
  auto clear = co_await listener.accept({});
  auto line = co_await tls.accept(loop, std::move(*clear), {});
  if (!line) std::abort();
  const std::string piece(1 << 20, 'm');
  for (std::size_t sent = 0; sent < octets; sent += piece.size()) {
    const auto written = co_await (*line)->write_all(piece, {});
    if (!written) std::abort();
  }
  const auto ended = co_await (*line)->shutdown({});
  if (!ended) std::abort();
  char last[1];
  static_cast<void>(co_await (*line)->read_some(last, {}));
}

Task<Numbers> receive(Loop& loop, std::uint16_t port, std::shared_ptr<const TlsTrust> trust, std::size_t at_once) {
  auto clear = co_await TcpStream::connect(loop, {"127.0.0.1", port}, {});
  if (!clear) std::abort();
  TlsClientOptions options{.host = "localhost", .trust = std::move(trust), .sessions = nullptr, .session_key = {}};
  auto line = co_await tls_connect(loop, std::move(*clear), std::move(options), {});
  if (!line) std::abort();
  std::string buffer(at_once, '\0');
  Numbers numbers;
  const auto start = std::chrono::steady_clock::now();
  const double cpu = thread_cpu();
  for (;;) {
    const auto got = co_await (*line)->read_some(buffer, {.deadline = loop.now() + std::chrono::seconds(60)});
    if (!got) std::abort();
    if (*got == 0) break;
    numbers.octets += *got;
    ++numbers.reads;
  }
  numbers.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  numbers.cpu_seconds = thread_cpu() - cpu;
  co_return numbers;
}

}  // namespace
}  // namespace postern

int main(int argc, char** argv) {
  using namespace postern;
  const std::size_t mib = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2048;
  const std::size_t at_once = (argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 64) << 10;
  const testing::CertificateAuthority authority;
  testing::TlsServer tls(authority.issue());
  const auto file = std::filesystem::temp_directory_path() / ("postern-bench-" + std::to_string(std::clock()) + ".pem");
  std::ofstream(file) << authority.certificate();
  const auto trust = *TlsTrust::load(file);
  std::filesystem::remove(file);
  std::promise<std::uint16_t> port;
  std::thread peer([&] {
    Loop loop;
    const auto listener = *TcpListener::listen(loop, {"127.0.0.1", 0});
    port.set_value(listener->port());
    loop.run(serve(loop, *listener, tls, mib << 20));
  });
  Loop loop;
  const Numbers numbers = loop.run(receive(loop, port.get_future().get(), trust, at_once));
  peer.join();
  const double mb = static_cast<double>(numbers.octets) / 1e6;
  std::printf("%.0f MB in %.2f s: %.0f MB/s on the wall, %.0f MB/s of the reader's CPU, %zu reads of up to %zu KiB\n",
              mb, numbers.seconds, mb / numbers.seconds, mb / numbers.cpu_seconds, numbers.reads, at_once >> 10);
  return 0;
}
