#include "tests/support/delay_proxy/delay_proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// One end of a connection, with blocking calls.
class End {
 public:
  explicit End(int fd) : fd_(fd) {}
  explicit End(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~End() { ::close(fd_); }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void say(std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      octets.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  /// Up to `most` octets; fewer at the end of the connection only.
  std::string hear(std::size_t most) {
    std::string heard(most, '\0');
    std::size_t size = 0;
    while (size < most) {
      const ssize_t got = ::recv(fd_, heard.data() + size, most - size, 0);
      broken_ = got < 0;
      if (got <= 0) break;
      size += static_cast<std::size_t>(got);
    }
    heard.resize(size);
    return heard;
  }
  std::string hear_all() {
    std::string all;
    for (std::string more = "-"; !more.empty(); all += more) more = hear(1 << 20);
    return all;
  }
  bool broken() const { return broken_; }

 private:
  int fd_;
  bool broken_ = false;
};

/// A server that does the same with each of `connections`, each on a thread of its own.
class Server {
 public:
  Server(std::size_t connections, std::function<void(End&)> serve) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, 128), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    for (std::size_t i = 0; i < connections; ++i) {
      threads_.emplace_back([this, serve] {
        End end(::accept(fd_, nullptr, nullptr));
        serve(end);
      });
    }
  }
  ~Server() {
    for (std::thread& thread : threads_) thread.join();
    ::close(fd_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
  std::vector<std::thread> threads_;
};

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string octets(size, '\0');
  for (char& c : octets) c = static_cast<char>(random());
  return octets;
}

void echo(End& end) {
  for (std::string heard = end.hear(1); !heard.empty(); heard = end.hear(1)) end.say(heard);
}

TEST(DelayProxyTest, OctetsPassUnchangedAndAHalfCloseIsKept) {
  Server server(1, [](End& end) { end.say(end.hear_all()); });
  DelayProxy proxy(server.port(), {.rtt = 10ms, .rate = 0});
  const std::string sent = noise(3'000'000);
  End client(proxy.port());
  std::thread talking([&] {
    client.say(sent);
    client.finish();
  });
  const std::string heard = client.hear_all();
  talking.join();
  EXPECT_TRUE(heard == sent) << heard.size() << " octets came back";
  EXPECT_EQ(proxy.passed().to_server, sent.size());
  EXPECT_EQ(proxy.passed().to_client, sent.size());
}

TEST(DelayProxyTest, EachAnswerTakesARoundTripAndTheFirstOneMoreToConnect) {
  Server server(1, echo);
  DelayProxy proxy(server.port(), {.rtt = 60ms, .rate = 0});
  const auto begin = Clock::now();
  End client(proxy.port());
  client.say("a");
  EXPECT_EQ(client.hear(1), "a");
  EXPECT_GE(Clock::now() - begin, 120ms);
  for (int i = 0; i < 3; ++i) {
    const auto asked = Clock::now();
    client.say("b");
    EXPECT_EQ(client.hear(1), "b");
    EXPECT_GE(Clock::now() - asked, 60ms);
  }
  EXPECT_EQ(proxy.passed().turns, 3u);
  EXPECT_EQ(proxy.passed().connections, 1u);
}

TEST(DelayProxyTest, ALongLineIsNoNarrowOne) {
  constexpr std::size_t kSize = 32'000'000;
  Server server(1, [](End& end) { end.say(std::string(kSize, 'x')); });
  DelayProxy proxy(server.port(), {.rtt = 200ms, .rate = 0});
  End client(proxy.port());
  EXPECT_EQ(client.hear(kSize).size(), kSize);
}

TEST(DelayProxyTest, ARateIsKept) {
  constexpr std::size_t kSize = 500'000;
  Server server(1, [](End& end) { end.say(std::string(kSize, 'x')); });
  DelayProxy proxy(server.port(), {.rtt = 0ms, .rate = 1'000'000});
  const auto begin = Clock::now();
  End client(proxy.port());
  EXPECT_EQ(client.hear(kSize).size(), kSize);
  EXPECT_GE(Clock::now() - begin, 500ms);
}

TEST(DelayProxyTest, ConnectionsDoNotWaitForEachOther) {
  constexpr std::size_t kMany = 60;
  Server server(kMany, echo);
  DelayProxy proxy(server.port(), {.rtt = 200ms, .rate = 0});
  std::vector<std::thread> clients;
  for (std::size_t i = 0; i < kMany; ++i) {
    clients.emplace_back([&] {
      End client(proxy.port());
      client.say("x");
      EXPECT_EQ(client.hear(1), "x");
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(proxy.passed().connections, kMany);
}

TEST(DelayProxyTest, AServerThatIsNotThereEndsTheConnection) {
  DelayProxy proxy(free_port(), {.rtt = 4ms, .rate = 0});
  End client(proxy.port());
  client.say("x");
  EXPECT_EQ(client.hear(1), "");
  EXPECT_TRUE(client.broken());
}

TEST(DelayProxyTest, ItsEndCutsWhatIsConnected) {
  Server server(1, [](End& end) {
    end.say("hello");
    EXPECT_EQ(end.hear(1), "");
  });
  auto proxy = std::make_unique<DelayProxy>(server.port(), LineShape{.rtt = 4ms, .rate = 0});
  End client(proxy->port());
  EXPECT_EQ(client.hear(5), "hello");
  proxy.reset();
  EXPECT_EQ(client.hear(1), "");
}

}  // namespace
}  // namespace postern::testing
