#include "daemon/http/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_stream.h"

namespace postern::daemon {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Task<std::string> read_to_end(Stream& stream) {
  std::string all;
  std::array<char, 512> buffer;
  const Wait forever;
  for (;;) {
    const auto got = co_await stream.read_some(buffer, forever);
    if (!got || *got == 0) co_return all;
    all.append(buffer.data(), *got);
  }
}

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() {
    pages.metrics = [] { return std::string("postern_accounts 1\n"); };
    pages.not_ready = [this] { return reason; };
  }

  /// What a client that sends `octets` a piece at a time, `pause` apart, gets back; it never ends its own side.
  std::string talk(std::vector<std::string> pieces, seconds pause = seconds(0), testing::PipeOptions how = {}) {
    return loop.run(talk_task(std::move(pieces), pause, how));
  }
  std::string get(const std::string& path) { return talk({"GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"}); }

  testing::ManualLoop loop;
  Pages pages;
  std::string reason;

 private:
  Task<std::string> talk_task(std::vector<std::string> pieces, seconds pause, testing::PipeOptions how) {
    auto [client, server] = testing::memory_streams(loop, how);
    TaskGroup group(loop);
    group.spawn(serve_connection(std::move(server), pages, loop, HttpLimits{}, Wait{}));
    group.spawn(send(*client, std::move(pieces), pause));
    std::string answer = co_await read_to_end(*client);
    client->close();
    co_await group.join();
    co_return answer;
  }
  Task<void> send(Stream& client, std::vector<std::string> pieces, seconds pause) {
    const Wait forever;
    for (const std::string& piece : pieces) {
      const auto sent = co_await client.write_all(piece, forever);
      if (!sent) co_return;
      if (pause > seconds(0)) (void)co_await sleep(loop, pause, forever);
    }
  }
};

TEST_F(AdminServerTest, ServesMetrics) {
  const std::string answer = get("/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\npostern_accounts 1\n"));
}

TEST_F(AdminServerTest, ARequestMayComeOctetByOctet) {
  testing::PipeOptions how;
  how.segment = 1;
  EXPECT_THAT(talk({"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"}, seconds(0), how), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, HeadHasNoBody) {
  const std::string answer = talk({"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_THAT(answer, HasSubstr("Content-Length: 19\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(AdminServerTest, ReadinessSaysWhyNot) {
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  reason = "the vault cannot be written";
  EXPECT_THAT(get("/readyz"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_TRUE(get("/readyz").ends_with("the vault cannot be written\n"));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(AdminServerTest, RefusesTheRest) {
  EXPECT_THAT(get("/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(get("/metrics/../secret"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(talk({"POST /metrics HTTP/1.1\r\nContent-Length: 0\r\n\r\n"}), StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(talk({"POST /metrics HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd"}), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk({"GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk({"\x16\x03\x01\r\n\r\n"}), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(talk({"GET / HTTP/1.1\r\nA: " + std::string(10'000, 'x')}), StartsWith("HTTP/1.1 431 "));
}

TEST_F(AdminServerTest, OneRequestAConnection) {
  const std::string answer = talk({"GET /healthz HTTP/1.1\r\n\r\nGET /metrics HTTP/1.1\r\n\r\n"});
  EXPECT_TRUE(answer.ends_with("\r\n\r\nalive\n"));
}

TEST_F(AdminServerTest, ASlowLorisIsEndedAfterTenSeconds) {
  std::vector<std::string> drip(100, "x");
  drip.insert(drip.begin(), "GET /metrics HTTP/1.1\r\nA: ");
  const auto began = loop.now();
  EXPECT_THAT(talk(drip, seconds(1)), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_LE(loop.now() - began, seconds(41));
}

TEST_F(AdminServerTest, ASilentPeerIsEndedToo) {
  const auto began = loop.now();
  EXPECT_THAT(talk({}), StartsWith("HTTP/1.1 408 "));
  EXPECT_LE(loop.now() - began, seconds(30));
}

TEST_F(AdminServerTest, APeerThatDoesNotReadIsEndedAfterThirtySeconds) {
  pages.metrics = [] { return std::string(1'000'000, 'x'); };
  testing::PipeOptions narrow;
  narrow.capacity = 1'000;
  auto [client, server] = testing::memory_streams(loop, {}, narrow);
  const auto began = loop.now();
  const auto sent = loop.run(client->write_all("GET /metrics HTTP/1.1\r\n\r\n", Wait{}));
  ASSERT_TRUE(sent.has_value());
  loop.run(serve_connection(std::move(server), pages, loop, HttpLimits{}, Wait{}));
  EXPECT_EQ(loop.now() - began, seconds(30));
}

}  // namespace
}  // namespace postern::daemon
