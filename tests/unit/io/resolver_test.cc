#include "core/io/resolver.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/io/task_group.h"

namespace postern {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

void put16(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xff));
}

/// A name server on a thread of its own: knows a few names, is silent for those that begin with "silent".
class NameServer {
 public:
  NameServer() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;
  ~NameServer() {
    ending_ = true;
    ::shutdown(socket_, SHUT_RDWR);
    sockaddr_in self{};
    self.sin_family = AF_INET;
    self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    self.sin_port = htons(port_);
    const int waker = ::socket(AF_INET, SOCK_DGRAM, 0);
    ::sendto(waker, "", 0, 0, reinterpret_cast<sockaddr*>(&self), sizeof self);
    thread_.join();
    ::close(waker);
    ::close(socket_);
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  int asked() const { return asked_; }

 private:
  static constexpr unsigned kA = 1;
  static constexpr unsigned kAaaa = 28;

  void serve() {
    char packet[512];
    for (;;) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_, packet, sizeof packet, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (ending_ || got < 0) return;
      ++asked_;
      const std::string answer = reply({packet, static_cast<std::size_t>(got)});
      if (!answer.empty()) ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  static std::string reply(const std::string& question) {
    std::string name;
    std::size_t at = 12;
    while (at < question.size() && question[at] != 0) {
      const auto length = static_cast<std::size_t>(question[at]);
      name += (name.empty() ? "" : ".") + question.substr(at + 1, length);
      at += length + 1;
    }
    const std::size_t end = at + 5;
    const unsigned type = static_cast<unsigned char>(question[at + 2]);
    if (name.starts_with("silent")) return "";
    std::string data;
    if (name == "imap.test" && type == kA) data = std::string("\xc0\x00\x02\x01", 4);
    if (name == "imap.test" && type == kAaaa)
      data = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x01";
    if (name == "four.test" && type == kA) data = std::string("\xc0\x00\x02\x04", 4);
    const bool known = name.ends_with(".test");
    std::string out = question.substr(0, 2);
    put16(out, known ? 0x8180 : 0x8183);
    put16(out, 1);
    put16(out, data.empty() ? 0 : 1);
    put16(out, 0);
    put16(out, 0);
    out += question.substr(12, end - 12);
    if (data.empty()) return out;
    put16(out, 0xc00c);
    put16(out, type);
    put16(out, 1);
    put16(out, 0);
    put16(out, 60);
    put16(out, static_cast<unsigned>(data.size()));
    return out + data;
  }

  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> asked_{0};
  std::thread thread_;
};

struct ResolverTest : ::testing::Test {
  Loop loop;
  NameServer server;
  DnsResolver resolver{loop, server.address()};
};

TEST_F(ResolverTest, ALiteralIsItsOwnAddress) {
  EXPECT_THAT(*loop.run(resolver.resolve("192.0.2.7", {})), UnorderedElementsAre("192.0.2.7"));
  EXPECT_THAT(*loop.run(resolver.resolve("2001:db8::7", {})), UnorderedElementsAre("2001:db8::7"));
  EXPECT_EQ(server.asked(), 0);
}

TEST_F(ResolverTest, TheHostsFileAnswersForLocalhost) {
  EXPECT_THAT(*loop.run(resolver.resolve("localhost", {})), ::testing::Contains("127.0.0.1"));
  EXPECT_EQ(server.asked(), 0);
}

TEST_F(ResolverTest, BothFamiliesAreAsked) {
  const auto found = loop.run(resolver.resolve("imap.test", {}));
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_THAT(*found, UnorderedElementsAre("192.0.2.1", "2001:db8::1"));
  EXPECT_THAT(*loop.run(resolver.resolve("four.test", {})), UnorderedElementsAre("192.0.2.4"));
}

TEST_F(ResolverTest, WhatIsMissingIsNamed) {
  const auto missing = loop.run(resolver.resolve("imap.nowhere.invalid", {}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind(), ErrorKind::transient);
  EXPECT_EQ(missing.error().retry(), Retry::never);
  EXPECT_THAT(missing.error().what(), HasSubstr("there is no host named \"imap.nowhere.invalid\""));
  const auto bare = loop.run(resolver.resolve("none.test", {}));
  ASSERT_FALSE(bare);
  EXPECT_THAT(bare.error().what(), HasSubstr("\"none.test\" has no address"));
}

TEST_F(ResolverTest, ASilentServerEndsAtTheDeadlineOrTheStop) {
  const auto late = loop.run(resolver.resolve("silent.test", {.deadline = loop.now() + std::chrono::milliseconds(50)}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().what(), "timed out while looking up \"silent.test\"");
  StopSource stop;
  loop.call_at(loop.now() + std::chrono::milliseconds(10), [&] { stop.request_stop(); });
  const auto stopped = loop.run(resolver.resolve("silent.test", {.stop = stop.token()}));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind(), ErrorKind::cancelled);
}

Task<void> ask(DnsResolver& resolver, std::string host) {
  const auto found = co_await resolver.resolve(std::move(host), {});
  EXPECT_TRUE(found);
}

TEST_F(ResolverTest, AQuestionMayBeDestroyedOnItsWay) {
  {
    TaskGroup doomed(loop);
    doomed.spawn(ask(resolver, "silent.test"));
    doomed.spawn(ask(resolver, "imap.test"));
  }
  TaskGroup group(loop);
  for (int i = 0; i < 20; ++i) group.spawn(ask(resolver, "imap.test"));
  loop.run(group.join());
}

TEST_F(ResolverTest, HostileNamesAreEscaped) {
  const auto odd = loop.run(resolver.resolve("a\x1b[31m.invalid", {}));
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().what().find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace postern
