#include "core/io/tcp.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "core/io/sleep.h"
#include "core/io/task_group.h"

namespace postern {
namespace {

using std::chrono::milliseconds;

/// A connection between two sockets of this process.
struct TcpTest : ::testing::Test {
  Loop loop;
  TaskGroup group{loop};
  std::unique_ptr<TcpListener> listener = *TcpListener::listen(loop, {"127.0.0.1", 0});
  std::unique_ptr<TcpStream> client;
  std::unique_ptr<TcpStream> server;

  Task<void> meet() {
    group.spawn(accept_one());
    auto connected = co_await TcpStream::connect(loop, {"127.0.0.1", listener->port()}, {});
    EXPECT_TRUE(connected) << connected.error().to_string();
    client = std::move(*connected);
    co_await group.join();
  }
  Task<void> accept_one() {
    auto accepted = co_await listener->accept({});
    EXPECT_TRUE(accepted);
    server = std::move(*accepted);
  }
  void SetUp() override { loop.run(meet()); }
  Wait soon() const { return {.deadline = loop.now() + milliseconds(20)}; }
};

Task<std::string> read_to_end(Stream& stream) {
  std::string all;
  std::array<char, 70'000> buffer;
  for (;;) {
    const auto got = co_await stream.read_some(buffer, {});
    if (!got) co_return all + "!" + got.error().what();
    if (*got == 0) co_return all;
    all.append(buffer.data(), *got);
  }
}

Task<void> send_all(Stream& stream, std::string octets) {
  const auto written = co_await stream.write_all(octets, {});
  EXPECT_TRUE(written);
  const auto ended = co_await stream.shutdown({});
  EXPECT_TRUE(ended);
}

TEST_F(TcpTest, CarriesOctetsAndTheEnd) {
  std::string large;
  for (int i = 0; i < 1'000'000; ++i) large += static_cast<char>(i * 31);
  group.spawn(send_all(*client, large));
  EXPECT_EQ(loop.run(read_to_end(*server)), large);
  group.spawn(send_all(*server, "back"));
  EXPECT_EQ(loop.run(read_to_end(*client)), "back");
  loop.run(group.join());
}

TEST_F(TcpTest, BothDirectionsAtOnce) {
  const std::string large(5'000'000, 'x');
  group.spawn(send_all(*client, large));
  group.spawn(send_all(*server, large));
  EXPECT_EQ(loop.run(read_to_end(*client)).size(), large.size());
  EXPECT_EQ(loop.run(read_to_end(*server)).size(), large.size());
  loop.run(group.join());
}

TEST_F(TcpTest, AReadEndsAtItsDeadline) {
  std::array<char, 16> buffer;
  const auto got = loop.run(client->read_some(buffer, soon()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind(), ErrorKind::transient);
  EXPECT_EQ(got.error().what(), "timed out while reading");
}

Task<void> expect_cancelled(Stream& stream, Wait wait) {
  std::array<char, 16> buffer;
  const auto got = co_await stream.read_some(buffer, wait);
  EXPECT_FALSE(got);
  EXPECT_EQ(got.error().kind(), ErrorKind::cancelled);
}

TEST_F(TcpTest, AReadEndsWhenStoppedAndTheStreamGoesOn) {
  StopSource stop;
  group.spawn(expect_cancelled(*client, {.stop = stop.token()}));
  stop.request_stop();
  loop.run(group.join());
  group.spawn(send_all(*server, "still here"));
  EXPECT_EQ(loop.run(read_to_end(*client)), "still here");
}

TEST_F(TcpTest, AWriteIntoAFullPipeEndsAtItsDeadline) {
  const std::string endless(64 << 20, 'x');
  const auto written = loop.run(client->write_all(endless, soon()));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().what(), "timed out while writing");
}

TEST_F(TcpTest, CloseEndsAReadUnderWay) {
  std::array<char, 16> buffer;
  struct Reader {
    static Task<void> run(Stream& stream, std::span<char> into, std::string& seen) {
      const auto got = co_await stream.read_some(into, {});
      seen = got ? "data" : got.error().what();
    }
  };
  std::string seen;
  group.spawn(Reader::run(*client, buffer, seen));
  client->close();
  client->close();
  loop.run(group.join());
  EXPECT_EQ(seen, "the connection is closed");
  EXPECT_FALSE(loop.run(client->read_some(buffer, {})));
  EXPECT_FALSE(loop.run(client->write_all("x", {})));
}

TEST_F(TcpTest, AResetIsAnErrorAndNotAnEnd) {
  server->reset();
  const std::string seen = loop.run(read_to_end(*client));
  EXPECT_EQ(seen, "!reading failed: Connection reset by peer");
}

TEST_F(TcpTest, WritingToAClosedPeerFailsWithoutASignal) {
  server->reset();
  std::array<char, 16> buffer;
  EXPECT_FALSE(loop.run(client->read_some(buffer, {})));
  EXPECT_FALSE(loop.run(client->write_all("x", {})));
}

TEST_F(TcpTest, AFrameDestroyedWhileReadingLeavesTheStreamUsable) {
  {
    TaskGroup doomed(loop);
    doomed.spawn(expect_cancelled(*client, {.deadline = loop.now() + std::chrono::hours(1)}));
  }
  group.spawn(send_all(*server, "fresh"));
  EXPECT_EQ(loop.run(read_to_end(*client)), "fresh");
}

TEST_F(TcpTest, KnowsItsPeer) {
  EXPECT_EQ(client->peer().to_string(), "127.0.0.1:" + std::to_string(listener->port()));
  EXPECT_EQ((SocketAddress{"::1", 993}.to_string()), "[::1]:993");
}

TEST_F(TcpTest, RefusedConnectionsSaySo) {
  const std::uint16_t port = listener->port();
  listener->close();
  const auto refused = loop.run(TcpStream::connect(loop, {"127.0.0.1", port}, {}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::transient);
  EXPECT_EQ(refused.error().what(), "cannot connect: Connection refused");
}

TEST_F(TcpTest, AcceptHonoursItsWait) {
  const auto nobody = loop.run(listener->accept(soon()));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind(), ErrorKind::transient);
}

TEST_F(TcpTest, ATakenPortIsTheConfigurationsFault) {
  const auto again = TcpListener::listen(loop, {"127.0.0.1", listener->port()});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind(), ErrorKind::config);
  EXPECT_FALSE(TcpListener::listen(loop, {"localhost", 0}));
}

TEST(SocketAddress, KnowsLiterals) {
  EXPECT_TRUE(is_ip_literal("192.0.2.1"));
  EXPECT_TRUE(is_ip_literal("2001:db8::1"));
  EXPECT_TRUE(is_ip_literal("fe80::1%eth0"));
  EXPECT_FALSE(is_ip_literal("localhost"));
  EXPECT_FALSE(is_ip_literal("1.2.3"));
  EXPECT_FALSE(is_ip_literal(""));
}

}  // namespace
}  // namespace postern
