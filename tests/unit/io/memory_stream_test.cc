#include "tests/support/io/memory_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_dialer.h"

namespace postern::testing {
namespace {

using std::chrono::seconds;

struct MemoryStreamTest : ::testing::Test {
  ManualLoop loop;
  TaskGroup group{loop};
  std::array<char, 1000> buffer;

  std::string read(Stream& stream, Wait wait = {}) {
    const auto got = loop.run(stream.read_some(buffer, wait));
    return got ? std::string(buffer.data(), *got) : "!" + got.error().what();
  }
  std::string write(Stream& stream, std::string octets, Wait wait = {}) {
    const auto written = loop.run(stream.write_all(octets, wait));
    return written ? "" : "!" + written.error().what();
  }
};

TEST_F(MemoryStreamTest, CarriesOctetsBothWaysAndEnds) {
  auto [a, b] = memory_streams(loop);
  EXPECT_EQ(write(*a, "there"), "");
  EXPECT_EQ(write(*b, "back"), "");
  EXPECT_TRUE(loop.run(a->shutdown({})));
  EXPECT_EQ(read(*b), "there");
  EXPECT_EQ(read(*b), "");
  EXPECT_EQ(read(*b), "");
  EXPECT_EQ(read(*a), "back");
  EXPECT_EQ(write(*a, "late"), "!the connection is closed");
}

TEST_F(MemoryStreamTest, SplitsIntoSegments) {
  auto [a, b] = memory_streams(loop, {.segment = 2});
  EXPECT_EQ(write(*a, "abc"), "");
  EXPECT_EQ(read(*b), "ab");
  EXPECT_EQ(read(*b), "c");
}

TEST_F(MemoryStreamTest, CutsAfterSoManyOctets) {
  auto [a, b] = memory_streams(loop, {.cut_after = 3});
  EXPECT_EQ(write(*a, "abcdef"), "");
  EXPECT_EQ(read(*b), "abc");
  EXPECT_EQ(read(*b), "");
  auto [c, d] = memory_streams(loop, {.cut_after = 3, .cut_is_reset = true});
  EXPECT_EQ(write(*c, "abcdef"), "");
  EXPECT_EQ(read(*d), "abc");
  EXPECT_EQ(read(*d), "!connection reset by peer");
  EXPECT_EQ(write(*c, "x"), "!connection reset by peer");
}

TEST_F(MemoryStreamTest, StallsAfterSoManyOctets) {
  auto [a, b] = memory_streams(loop, {.stall_after = 3});
  EXPECT_EQ(write(*a, "abcdef"), "");
  EXPECT_EQ(read(*b), "abc");
  EXPECT_EQ(read(*b, {.deadline = loop.now() + seconds(60)}), "!timed out while reading");
  EXPECT_EQ(loop.elapsed(), seconds(60));
}

TEST_F(MemoryStreamTest, AFullPipeHoldsTheWriter) {
  auto [a, b] = memory_streams(loop, {.capacity = 4});
  EXPECT_EQ(write(*a, "abcdef", {.deadline = loop.now() + seconds(1)}), "!timed out while writing");
  EXPECT_EQ(read(*b), "abcd");
}

Task<void> note_read(Stream& stream, std::span<char> into, std::string& seen) {
  const auto got = co_await stream.read_some(into, {});
  seen = got ? std::string(into.data(), *got) : "!" + got.error().what();
}

TEST_F(MemoryStreamTest, ClosingEndsAReadUnderWayAndTheOtherSide) {
  auto [a, b] = memory_streams(loop);
  std::string seen;
  group.spawn(note_read(*a, buffer, seen));
  a->close();
  loop.run(group.join());
  EXPECT_EQ(seen, "!the connection is closed");
  EXPECT_EQ(read(*b), "");
  EXPECT_EQ(write(*b, "x"), "!connection reset by peer");
}

Task<void> greet(std::unique_ptr<Stream> line, std::string text) {
  const auto written = co_await line->write_all(text, {});
  EXPECT_TRUE(written);
}

TEST_F(MemoryStreamTest, ADialerStartsTheServerOfTheName) {
  MemoryDialer dialer(loop);
  dialer.serve("imap.test", 993, [](std::unique_ptr<Stream> line) { return greet(std::move(line), "* OK hello\r\n"); });
  auto line = loop.run(dialer.dial({.host = "imap.test", .port = 993, .tls = TlsMode::implicit, .ca_file = {}}, {}));
  ASSERT_TRUE(line);
  EXPECT_EQ(read(**line), "* OK hello\r\n");
  EXPECT_EQ(read(**line), "");
  EXPECT_EQ(dialer.secured(), 1U);
  const auto other = loop.run(dialer.dial({.host = "imap.test", .port = 143, .tls = TlsMode::none, .ca_file = {}}, {}));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().to_string(), "imap.test:143: connection refused");
  dialer.fail_next(Error(ErrorKind::security, "the certificate expired"));
  const auto third =
      loop.run(dialer.dial({.host = "imap.test", .port = 993, .tls = TlsMode::implicit, .ca_file = {}}, {}));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind(), ErrorKind::security);
}

TEST(ManualLoop, AdvanceRunsWhatFallsDueAndBothClocksMove) {
  ManualLoop loop;
  const WallTime wall = loop.wall();
  std::string order;
  loop.call_at(loop.now() + seconds(2), [&] { order += "b"; });
  loop.call_at(loop.now() + seconds(1), [&] {
    order += "a";
    loop.run_soon([&] { order += "'"; });
  });
  const TimerId gone = loop.call_at(loop.now() + seconds(1), [&] { order += "x"; });
  loop.call_at(loop.now() + seconds(3), [&] { order += "c"; });
  loop.cancel(gone);
  loop.advance(seconds(2));
  EXPECT_EQ(order, "a'b");
  EXPECT_EQ(loop.wall() - wall, seconds(2));
  EXPECT_EQ(loop.pending_timers(), 1U);
}

}  // namespace
}  // namespace postern::testing
