// DEFLATE as a stream: what it writes, what it makes of hostile, broken and cut octets, and what that costs. The other
// side is zlib itself, in these tests' own hands.

#include "core/io/deflate_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <zlib.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_stream.h"

namespace postern {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::memory_streams;
using testing::MemoryStream;
using testing::PipeOptions;

constexpr std::string_view kFlushMarker("\x00\x00\xff\xff", 4);

/// Raw DEFLATE of `plain`, ended by `flush`.
std::string deflated(const std::string& plain, int flush = Z_SYNC_FLUSH) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(plain.size() + 4096, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, flush);
  EXPECT_EQ(z.avail_in, 0u);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

std::string inflated(const std::string& octets, std::size_t most) {
  z_stream z{};
  EXPECT_EQ(inflateInit2(&z, -15), Z_OK);
  std::string out(most, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  z.avail_in = static_cast<uInt>(octets.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  inflate(&z, Z_SYNC_FLUSH);
  out.resize(out.size() - z.avail_out);
  inflateEnd(&z);
  return out;
}

std::string mail(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i)
    text += "Line " + std::to_string(i * 2654435761u) + " of a message\r\n";
  text.resize(size);
  return text;
}

/// Octets that the heap has given out; nothing under a sanitizer, which has a heap of its own.
std::size_t heap_in_use() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

struct DeflateStreamTest : ::testing::Test {
  testing::ManualLoop loop;

  /// A DeflateStream, and the raw end of its line.
  std::pair<std::unique_ptr<DeflateStream>, std::unique_ptr<MemoryStream>> line(std::string received = "",
                                                                                PipeOptions to_far = {},
                                                                                PipeOptions to_near = {}) {
    auto ends = memory_streams(loop, to_far, to_near);
    return {std::make_unique<DeflateStream>(loop, std::move(ends.first), std::move(received)), std::move(ends.second)};
  }

  static Task<void> say(Stream& stream, std::string octets) {
    const auto written = co_await stream.write_all(octets, {});
    EXPECT_TRUE(written.has_value()) << written.error().what();
  }
  static Task<void> say_and_end(Stream& stream, std::string octets) {
    co_await say(stream, std::move(octets));
    static_cast<void>(co_await stream.shutdown({}));
  }
  /// All octets up to the end; "!…" is appended for an error.
  static Task<std::string> drain(Stream& stream, std::size_t at_once = 16 * 1024) {
    std::string all;
    std::string buffer(at_once, '\0');
    for (;;) {
      const auto got = co_await stream.read_some(buffer, {});
      if (!got) co_return all + "!" + std::string(to_string(got.error().kind())) + ": " + got.error().what();
      if (*got == 0) co_return all;
      all.append(buffer, 0, *got);
    }
  }
  static Task<std::string> read(Stream& stream, std::size_t size) {
    std::string all;
    std::string buffer(16 * 1024, '\0');
    while (all.size() < size) {
      const auto got = co_await stream.read_some({buffer.data(), std::min(buffer.size(), size - all.size())}, {});
      if (!got || *got == 0) break;
      all.append(buffer, 0, *got);
    }
    co_return all;
  }

  /// What a DeflateStream reads when the server sends these octets and closes.
  std::string heard(std::string octets, std::size_t at_once = 16 * 1024) {
    auto [near, far] = line();
    TaskGroup server(loop);
    server.spawn(say_and_end(*far, std::move(octets)));
    return loop.run(drain(*near, at_once));
  }
};

TEST_F(DeflateStreamTest, EachWriteCanBeReadWholeByAnyInflater) {
  auto [near, far] = line();
  std::string wire;
  std::string said;
  for (const std::string& command :
       {std::string("A1 NOOP\r\n"), std::string("A2 UID FETCH 1:* (FLAGS)\r\n"), mail(300'000)}) {
    TaskGroup client(loop);
    client.spawn(say(*near, command));
    said += command;
    for (std::string buffer(64 * 1024, '\0'); inflated(wire, said.size() + 1) != said;) {
      const auto got = loop.run(far->read_some(buffer, {.deadline = loop.now() + std::chrono::seconds(1), .stop = {}}));
      ASSERT_TRUE(got.has_value()) << "octets of a write were kept back";
      wire.append(buffer, 0, *got);
    }
    loop.run(client.join());
    EXPECT_THAT(wire, EndsWith(std::string(kFlushMarker)));
  }
  EXPECT_LT(wire.size(), said.size() / 2);
}

TEST_F(DeflateStreamTest, ReadsWhateverTheSplits) {
  const std::string text = mail(20'000);
  const std::string octets = deflated(text);
  for (const std::size_t segment : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{13}, std::size_t{65'536}}) {
      auto [near, far] = line("", {}, {.segment = segment});
      TaskGroup server(loop);
      server.spawn(say_and_end(*far, octets));
      EXPECT_EQ(loop.run(drain(*near, at_once)), text) << segment << " and " << at_once;
    }
  }
}

TEST_F(DeflateStreamTest, TwoOfThemUnderstandEachOtherInBothDirections) {
  auto ends = memory_streams(loop, {.segment = 5}, {.segment = 3});
  DeflateStream one(loop, std::move(ends.first), {});
  DeflateStream other(loop, std::move(ends.second), {});
  TaskGroup talking(loop);
  talking.spawn(say(one, mail(200'000)));
  talking.spawn(say(other, mail(100'000)));
  EXPECT_EQ(loop.run(read(other, 200'000)), mail(200'000));
  EXPECT_EQ(loop.run(read(one, 100'000)), mail(100'000));
}

TEST_F(DeflateStreamTest, OctetsReadBeforeTheSwitchComeFirst) {
  const std::string text = mail(60'000);
  const std::string octets = deflated(text);
  for (const std::size_t early : {std::size_t{1}, std::size_t{1000}, octets.size()}) {
    auto [near, far] = line(octets.substr(0, early));
    TaskGroup server(loop);
    server.spawn(say_and_end(*far, octets.substr(early)));
    EXPECT_EQ(loop.run(drain(*near)), text) << early;
  }
}

TEST_F(DeflateStreamTest, ACutIsAnEndOnlyWhereAFlushEnds) {
  const std::string first = deflated("* OK first\r\n");
  const std::string both = deflated("* OK first\r\n") + deflated("* OK second\r\n").substr(0);
  EXPECT_EQ(heard(""), "");
  for (std::size_t cut = 1; cut < both.size(); ++cut) {
    const std::string got = heard(both.substr(0, cut));
    if (cut == first.size()) {
      EXPECT_EQ(got, "* OK first\r\n");
    } else {
      EXPECT_THAT(got, HasSubstr("!transient: the connection was cut in the middle of compressed octets")) << cut;
    }
  }
  EXPECT_EQ(heard(both), "* OK first\r\n* OK second\r\n");
}

TEST_F(DeflateStreamTest, TheServersLastBlockIsTheEnd) {
  const std::string ended = deflated("* BYE\r\n", Z_FINISH);
  EXPECT_EQ(heard(ended), "* BYE\r\n");
  EXPECT_EQ(heard(ended + "A1 OK\r\n"), "* BYE\r\n") << "what follows is nobody's";
  for (std::size_t cut = 1; cut < ended.size(); ++cut) {
    EXPECT_THAT(heard(ended.substr(0, cut)), HasSubstr("!transient")) << cut;
  }
}

TEST_F(DeflateStreamTest, WhatIsNoDeflateIsAnErrorThatNamesTheRemedy) {
  auto [near, far] = line("* 1 EXISTS\r\n");  // a server that said OK and went on in clear
  std::string buffer(100, '\0');
  auto got = loop.run(near->read_some(buffer, {}));
  while (got && *got > 0) got = loop.run(near->read_some(buffer, {}));
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().kind(), ErrorKind::protocol);
  EXPECT_EQ(got.error().remedy(), "set compress: false for this server");
}

TEST_F(DeflateStreamTest, AnyFlippedBitEndsInOctetsOrAnErrorAndNeverInMoreThanDeflateCanHold) {
  const std::string octets = deflated(mail(2'000));
  int refused = 0;
  for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
    std::string damaged = octets;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const std::string got = heard(damaged);
    EXPECT_LE(got.size(), damaged.size() * 1040 + 100);
    if (got.find('!') != std::string::npos) ++refused;
  }
  EXPECT_GT(refused, 100);
}

TEST_F(DeflateStreamTest, AfterAFailedWriteNothingMoreIsSent) {
  auto [near, far] = line("", {.cut_after = 10'000, .cut_is_reset = true});
  const auto failed = loop.run(near->write_all(mail(100'000), {}));
  ASSERT_FALSE(failed.has_value());
  const auto again = loop.run(near->write_all("A1 NOOP\r\n", {}));
  ASSERT_FALSE(again.has_value());
  EXPECT_THAT(again.error().what(), HasSubstr("cut short"));
}

TEST_F(DeflateStreamTest, AClosedOneSaysSo) {
  auto [near, far] = line(deflated("hello"));
  near->close();
  std::string buffer(10, '\0');
  EXPECT_FALSE(loop.run(near->read_some(buffer, {})).has_value());
  EXPECT_FALSE(loop.run(near->write_all("x", {})).has_value());
}

/// Counts the turns that other work has on the loop, until it is stopped.
Task<void> others(Scheduler& scheduler, std::size_t& turns, StopToken stop) {
  for (; !stop.stop_requested(); ++turns) co_await yield(scheduler);
}

/// 64 MiB of nothing in 65 kB, the most that DEFLATE can do.
struct BombTest : DeflateStreamTest {
  static constexpr std::size_t kPlain = 64 * 1024 * 1024;
  static const std::string& bomb() {
    static const std::string octets = deflated(std::string(kPlain, '\0'));
    return octets;
  }

  static Task<std::size_t> swallow(Stream& stream, std::size_t most, Wait wait, std::string& error) {
    std::string buffer(64 * 1024, '\0');
    std::size_t total = 0;
    while (total < most) {
      const auto got = co_await stream.read_some(buffer, wait);
      if (!got) error = to_string(got.error().kind());
      if (!got || *got == 0) break;
      total += *got;
    }
    co_return total;
  }
};

TEST_F(BombTest, OnlyWhatIsReadIsInflatedAndOnlyWhatIsInflatedIsTakenFromTheLine) {
  ASSERT_LT(bomb().size(), 70'000u);
  auto [near, far] = line("", {}, {.capacity = 1000});
  TaskGroup server(loop);
  server.spawn(say(*far, bomb() + bomb()));
  std::string error;
  EXPECT_GE(loop.run(swallow(*near, 1 << 20, {}, error)), std::size_t{1} << 20);
  // A megabyte is about a kilobyte of the bomb: what is behind it is still the server's.
  EXPECT_LE(far->written(), 20'000u);
  near->close();
}

TEST_F(BombTest, MemoryStaysWhatItWas) {
  auto [near, far] = line(bomb());
  std::string error;
  EXPECT_GE(loop.run(swallow(*near, 1 << 20, {}, error)), std::size_t{1} << 20);
  const auto before = heap_in_use();
  if (before == 0) GTEST_SKIP() << "a sanitizer's heap does not tell";
  EXPECT_GE(loop.run(swallow(*near, kPlain / 2, {}, error)), kPlain / 2);
  EXPECT_LE(heap_in_use(), before + 1024);
}

TEST_F(BombTest, OtherWorkHasItsTurnAfterEachMegabyte) {
  auto [near, far] = line(bomb());
  std::size_t turns = 0;
  StopSource done;
  TaskGroup group(loop);
  group.spawn(others(loop, turns, done.token()));
  std::string error;
  EXPECT_GE(loop.run(swallow(*near, kPlain, {}, error)), kPlain);
  done.request_stop();
  EXPECT_GE(turns, kPlain / (1 << 20) - 1);
  loop.run(group.join());
}

TEST_F(BombTest, AStopAndADeadlineEndIt) {
  auto [near, far] = line(bomb());
  StopSource stop;
  stop.request_stop();
  std::string error;
  EXPECT_LE(loop.run(swallow(*near, kPlain, {.deadline = MonotonicTime::max(), .stop = stop.token()}, error)),
            std::size_t{2} << 20);
  EXPECT_EQ(error, "cancelled");
  EXPECT_LE(loop.run(swallow(*near, kPlain, {.deadline = loop.now(), .stop = {}}, error)), std::size_t{2} << 20);
  EXPECT_EQ(error, "transient");
}

/// A line that holds nothing itself: gives the same octets to each reader, and lets what is written go.
class Shared final : public Stream {
 public:
  explicit Shared(const std::string& octets) : rest_(octets) {}
  Task<Result<std::size_t>> read_some(std::span<char> into, Wait) override {
    const std::size_t count = rest_.copy(into.data(), into.size());
    rest_.remove_prefix(count);
    co_return count;
  }
  Task<Result<void>> write_all(ByteView, Wait) override { co_return {}; }
  Task<Result<void>> shutdown(Wait) override { co_return {}; }
  void close() override {}

 private:
  std::string_view rest_;
};

TEST_F(DeflateStreamTest, AConnectionTakesAtMost300KiB) {
  constexpr std::size_t kMany = 50;
  if (heap_in_use() == 0) GTEST_SKIP() << "a sanitizer's heap does not tell";
  const std::string octets = deflated(mail(100'000));
  std::vector<std::unique_ptr<DeflateStream>> streams;
  const auto before = heap_in_use();
  for (std::size_t i = 0; i < kMany; ++i) {
    auto& stream = *streams.emplace_back(std::make_unique<DeflateStream>(loop, std::make_unique<Shared>(octets), ""));
    EXPECT_EQ(loop.run(read(stream, 100'000)).size(), 100'000u);
    loop.run(say(stream, mail(100'000)));
  }
  const std::size_t each = (heap_in_use() - before) / kMany;
  RecordProperty("octets_each", std::to_string(each));
  EXPECT_LE(each, std::size_t{300} * 1024);
}

}  // namespace
}  // namespace postern
