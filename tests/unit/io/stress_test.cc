// Many TLS connections at once over real sockets on two loops, each ended in its own way: in order, by a stop, by a
// deadline, by destroying the task. Nothing may leak, hang or touch what is gone (run it under the sanitizers).

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "core/io/event.h"
#include "core/io/net_dialer.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "core/io/worker_pool.h"
#include "tests/support/io/certificates.h"
#include "tests/support/io/tls_server.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

class LocalResolver final : public Resolver {
 public:
  Task<Result<std::vector<std::string>>> resolve(std::string, Wait) override {
    co_return std::vector<std::string>{"127.0.0.1"};
  }
};

/// The server's side, with a thread and a loop of its own.
class EchoServer {
 public:
  explicit EchoServer(const testing::Identity& identity) : tls_(identity) {
    std::promise<std::uint16_t> port;
    auto known = port.get_future();
    thread_ = std::thread([this, &port] {
      Loop loop;
      const auto listener = *TcpListener::listen(loop, {"127.0.0.1", 0});
      StopSource stop;
      stop_ = [&loop, &stop] { loop.run_soon_from_any_thread([&stop] { stop.request_stop(); }); };
      port.set_value(listener->port());
      loop.run(serve(loop, *listener, stop.token()));
    });
    port_ = known.get();
  }
  ~EchoServer() {
    stop_();
    thread_.join();
  }
  std::uint16_t port() const { return port_; }

 private:
  Task<void> serve(Loop& loop, TcpListener& listener, StopToken stop) {
    TaskGroup group(loop);
    for (;;) {
      auto line = co_await listener.accept({.stop = stop});
      if (!line) break;
      group.spawn(echo(loop, std::move(*line), stop));
    }
    co_await group.join();
  }
  Task<void> echo(Loop& loop, std::unique_ptr<Stream> clear, StopToken stop) {
    auto line = co_await tls_.accept(loop, std::move(clear), {.stop = stop});
    if (!line) co_return;
    std::string buffer(16 * 1024, '\0');
    for (;;) {
      const auto got = co_await (*line)->read_some(buffer, {.stop = stop});
      if (!got || *got == 0) co_return;
      const auto written = co_await (*line)->write_all(ByteView(buffer).substr(0, *got), {.stop = stop});
      if (!written) co_return;
    }
  }

  testing::TlsServer tls_;
  std::function<void()> stop_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Client {
  Loop& loop;
  NetDialer& dialer;
  Workers& workers;
  Endpoint endpoint;
  std::size_t ok = 0;
  std::size_t failed = 0;

  Task<Result<std::size_t>> talk(std::size_t size, Wait wait) {
    auto line = co_await dialer.dial(endpoint, wait);
    if (!line) co_return fail(line.error());
    const std::string payload = co_await run_on(workers, loop, [size] { return std::string(size, 'p'); });
    const auto written = co_await (*line)->write_all(payload, wait);
    if (!written) co_return fail(written.error());
    std::string buffer(10'000, '\0');
    std::size_t back = 0;
    while (back < size) {
      const auto got = co_await (*line)->read_some(buffer, wait);
      if (!got) co_return fail(got.error());
      if (*got == 0) co_return fail(ErrorKind::protocol, "ended early");
      back += *got;
    }
    co_return back;
  }

  Task<void> run(std::size_t size, Wait wait) {
    const auto back = co_await talk(size, wait);
    if (back) {
      EXPECT_EQ(*back, size);
      ++ok;
    } else {
      const bool expected = back.error().kind() == ErrorKind::cancelled || back.error().kind() == ErrorKind::transient;
      EXPECT_TRUE(expected) << back.error().to_string();
      ++failed;
    }
  }
};

TEST(Stress, ConnectionsThatEndInEveryWay) {
  const testing::CertificateAuthority authority;
  const auto file = std::filesystem::temp_directory_path() / ("postern-stress-" + std::to_string(::getpid()) + ".pem");
  std::ofstream(file) << authority.certificate();
  EchoServer server(authority.issue());
  Loop loop;
  LocalResolver resolver;
  TlsSessionCache sessions;
  NetDialer dialer(loop, resolver, sessions);
  WorkerPool pool(2);
  const auto workers = pool.for_loop(loop);
  Client client{loop, dialer, *workers, {"localhost", server.port(), TlsMode::implicit, file}};

  std::mt19937 random(20'26);
  TaskGroup patient(loop);
  TaskGroup stopped(loop);
  auto destroyed = std::make_unique<TaskGroup>(loop);
  StopSource stop;
  for (int i = 0; i < 120; ++i) {
    const std::size_t size = 1 + random() % 100'000;
    const MonotonicTime soon = loop.now() + milliseconds(random() % 60);
    switch (i % 4) {
      case 0:
        patient.spawn(client.run(size, {}));
        break;
      case 1:
        patient.spawn(client.run(size, {.deadline = soon}));
        break;
      case 2:
        stopped.spawn(client.run(size, {.stop = stop.token()}));
        break;
      default:
        destroyed->spawn(client.run(size, {}));
        break;
    }
  }
  loop.call_at(loop.now() + milliseconds(25), [&] { stop.request_stop(); });
  loop.call_at(loop.now() + milliseconds(30), [&] { destroyed.reset(); });
  loop.run(patient.join());
  loop.run(stopped.join());
  EXPECT_GE(client.ok, 30U);  // those without a limit
  const auto after = loop.run(client.talk(1000, {}));
  EXPECT_TRUE(after);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace postern
