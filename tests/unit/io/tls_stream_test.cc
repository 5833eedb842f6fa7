// TLS as a stream: how it behaves on lines that split, cut, stall and lie. In memory, with a clock turned by hand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "core/io/tls.h"
#include "tests/support/io/certificates.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_stream.h"
#include "tests/support/io/tls_server.h"

namespace postern {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::memory_streams;
using testing::PipeOptions;

/// An authority and a server that all tests of this file share: keys are slow to make.
struct World {
  testing::CertificateAuthority authority;
  testing::TlsServer server{authority.issue()};
  std::shared_ptr<const TlsTrust> trust;

  World() {
    const auto file =
        std::filesystem::temp_directory_path() / ("postern-tls-stream-" + std::to_string(::getpid()) + ".pem");
    std::ofstream(file) << authority.certificate();
    trust = *TlsTrust::load(file);
    std::filesystem::remove(file);
  }
};

World& world() {
  static World instance;
  return instance;
}

struct TlsStreamTest : ::testing::Test {
  testing::ManualLoop loop;
  TaskGroup group{loop};
  std::string server_error;

  /// Writes `payload`, reads as much back, and ends in order.
  Task<void> echo_server(std::unique_ptr<Stream> clear) {
    auto line = co_await world().server.accept(loop, std::move(clear), {});
    if (!line) {
      server_error = line.error().what();
      co_return;
    }
    std::array<char, 64 * 1024> buffer;
    for (;;) {
      const auto got = co_await (*line)->read_some(buffer, {});
      if (!got) {
        server_error = got.error().what();
        co_return;
      }
      if (*got == 0) break;
      const auto written = co_await (*line)->write_all({buffer.data(), *got}, {});
      if (!written) {
        server_error = written.error().what();
        co_return;
      }
    }
    const auto ended = co_await (*line)->shutdown({});
    if (!ended) server_error = ended.error().what();
  }

  Task<Result<std::unique_ptr<Stream>>> client(std::unique_ptr<Stream> clear, Wait wait = {}) {
    TlsClientOptions options{.host = "localhost", .trust = world().trust, .sessions = nullptr, .session_key = {}};
    return tls_connect(loop, std::move(clear), std::move(options), wait);
  }

  Task<void> send(Stream& stream, const std::string& octets) {
    const auto written = co_await stream.write_all(octets, {});
    if (!written) co_return;
    const auto ended = co_await stream.shutdown({});
    if (!ended) co_return;
  }

  /// All octets up to the end; "!…" is appended for an error.
  static Task<std::string> drain(Stream& stream, std::size_t at_once) {
    std::string all;
    std::string buffer(at_once, '\0');
    for (;;) {
      const auto got = co_await stream.read_some(buffer, {});
      if (!got) co_return all + "!" + got.error().what();
      if (*got == 0) co_return all;
      all.append(buffer, 0, *got);
    }
  }

  Task<std::string> echo(PipeOptions to_server, PipeOptions to_client, std::string payload,
                         std::size_t at_once = 16 * 1024) {
    auto ends = memory_streams(loop, to_server, to_client);
    group.spawn(echo_server(std::move(ends.second)));
    auto line = co_await client(std::move(ends.first));
    if (!line) co_return "!" + line.error().what();
    TaskGroup writer(loop);
    writer.spawn(send(**line, payload));
    std::string back = co_await drain(**line, at_once);
    co_await writer.join();
    co_return back;
  }
};

std::string pattern(std::size_t size) {
  std::string octets(size, '\0');
  for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<char>(i * 131 + i / 251);
  return octets;
}

TEST_F(TlsStreamTest, CarriesOctetsInSegmentsOfAnySize) {
  const std::string payload = pattern(100'000);
  EXPECT_EQ(loop.run(echo({.segment = 1}, {.segment = 1}, pattern(5'000))), pattern(5'000));
  EXPECT_EQ(loop.run(echo({.segment = 1460}, {.segment = 1460}, payload)), payload);
  EXPECT_EQ(loop.run(echo({}, {}, payload)), payload);
  EXPECT_EQ(loop.run(echo({.capacity = 100}, {.capacity = 100}, payload)), payload);
  EXPECT_EQ(loop.run(echo({}, {}, payload, 1)), payload);
  loop.run(group.join());
  EXPECT_EQ(server_error, "");
}

TEST_F(TlsStreamTest, FiftyMebibytesThereAndBack) {
  const std::string payload = pattern(50 << 20);
  EXPECT_TRUE(loop.run(echo({}, {}, payload, 256 * 1024)) == payload);
}

// A line that is cut, wherever it happens, is an error and never an end: what arrived may be half a message.
TEST_F(TlsStreamTest, ACutAtAnyOctetIsAnError) {
  const std::string payload = "twenty octets, twice";
  std::size_t total = 0;
  {
    auto ends = memory_streams(loop);
    auto* const raw = ends.second.get();
    TaskGroup servers(loop);
    struct Count {
      static Task<void> run(testing::ManualLoop& loop, std::unique_ptr<Stream> clear, testing::MemoryStream* raw,
                            std::size_t& total) {
        auto line = co_await world().server.accept(loop, std::move(clear), {});
        const auto sent = co_await (*line)->write_all("twenty octets, twice", {});
        EXPECT_TRUE(sent);
        const auto ended = co_await (*line)->shutdown({});
        EXPECT_TRUE(ended);
        total = raw->written();
      }
    };
    servers.spawn(Count::run(loop, std::move(ends.second), raw, total));
    auto line = loop.run(client(std::move(ends.first)));
    ASSERT_TRUE(line);
    EXPECT_EQ(loop.run(drain(**line, 100)), payload);
    loop.run(servers.join());
  }
  ASSERT_GT(total, 500U);
  constexpr std::size_t kSignaturesVary = 8;  // an ECDSA signature's length differs by some octets from time to time
  for (std::size_t cut = 0; cut + kSignaturesVary < total; ++cut) {
    for (const bool reset : {false, true}) {
      const std::string got = loop.run(echo({}, {.cut_after = cut, .cut_is_reset = reset}, payload));
      EXPECT_THAT(got, HasSubstr("!")) << "cut after " << cut;
    }
  }
}

TEST_F(TlsStreamTest, AnEndWithoutCloseNotifyIsAnError) {
  auto ends = memory_streams(loop);
  struct Rude {
    static Task<void> run(testing::ManualLoop& loop, std::unique_ptr<Stream> clear) {
      auto line = co_await world().server.accept(loop, std::move(clear), {});
      const auto sent = co_await (*line)->write_all("half a mess", {});
      EXPECT_TRUE(sent);
    }  // closes without shutdown()
  };
  group.spawn(Rude::run(loop, std::move(ends.second)));
  auto line = loop.run(client(std::move(ends.first)));
  ASSERT_TRUE(line);
  EXPECT_EQ(loop.run(drain(**line, 100)), "half a mess!the connection was cut: it ended without TLS's close_notify");
}

// M016: silence at any point of the handshake ends at its limit, 20 s, and not before.
TEST_F(TlsStreamTest, M016_SilenceAtAnyPointOfTheHandshake) {
  for (const std::size_t octets : {0U, 1U, 5U, 50U, 127U, 200U, 400U, 600U}) {
    const auto start = loop.now();
    const std::string got = loop.run(echo({}, {.stall_after = octets}, "x"));
    EXPECT_EQ(got, "!timed out while reading") << octets;
    EXPECT_EQ(loop.now() - start, seconds(20)) << octets;
  }
}

TEST_F(TlsStreamTest, TheHandshakeHonoursAShorterDeadlineAndAStop) {
  auto ends = memory_streams(loop);
  const auto late = loop.run(client(std::move(ends.first), {.deadline = loop.now() + seconds(3)}));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind(), ErrorKind::transient);
  EXPECT_EQ(loop.elapsed(), seconds(3));
  StopSource stop;
  auto others = memory_streams(loop);
  loop.call_at(loop.now() + seconds(1), [&] { stop.request_stop(); });
  const auto stopped = loop.run(client(std::move(others.first), {.stop = stop.token()}));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind(), ErrorKind::cancelled);
}

TEST_F(TlsStreamTest, AServerThatSpeaksNoTlsIsNamedAsSuch) {
  struct Clear {
    static Task<void> run(std::unique_ptr<Stream> line) {
      const auto sent = co_await line->write_all("* OK IMAP4rev1 ready\r\n", {});
      EXPECT_TRUE(sent);
      std::array<char, 1024> buffer;
      while (true) {
        const auto got = co_await line->read_some(buffer, {});
        if (!got || *got == 0) co_return;
      }
    }
  };
  auto ends = memory_streams(loop);
  group.spawn(Clear::run(std::move(ends.second)));
  const auto line = loop.run(client(std::move(ends.first)));
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind(), ErrorKind::protocol);
  EXPECT_EQ(line.error().what(), "the server does not speak TLS on this port");
}

TEST_F(TlsStreamTest, GarbageAtAnyPointEndsTheHandshake) {
  for (std::size_t size : {1U, 10U, 100U, 5000U}) {
    auto ends = memory_streams(loop);
    auto garbage = pattern(size);
    group.spawn(send(*ends.second, garbage));
    const auto line = loop.run(client(std::move(ends.first)));
    EXPECT_FALSE(line);
    loop.run(group.join());
  }
}

/// Passes a stream on, except for one octet that it changes.
class Tamper final : public Stream {
 public:
  Tamper(std::unique_ptr<Stream> below, std::size_t at) : below_(std::move(below)), at_(at) {}
  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override {
    const auto got = co_await below_->read_some(into, wait);
    if (got && at_ >= seen_ && at_ < seen_ + *got) into[at_ - seen_] = static_cast<char>(into[at_ - seen_] ^ 1);
    if (got) seen_ += *got;
    co_return got;
  }
  Task<Result<void>> write_all(ByteView octets, Wait wait) override { return below_->write_all(octets, wait); }
  Task<Result<void>> shutdown(Wait wait) override { return below_->shutdown(wait); }
  void close() override { below_->close(); }

 private:
  std::unique_ptr<Stream> below_;
  std::size_t at_;
  std::size_t seen_ = 0;
};

TEST_F(TlsStreamTest, AChangedOctetNeverGetsThrough) {
  for (std::size_t at = 5; at < 1000; at += 13) {
    auto ends = memory_streams(loop);
    group.spawn(echo_server(std::move(ends.second)));
    auto line = loop.run(client(std::make_unique<Tamper>(std::move(ends.first), at)));
    if (!line) continue;
    TaskGroup writer(loop);
    const std::string payload = pattern(500);
    writer.spawn(send(**line, payload));
    const std::string got = loop.run(drain(**line, 100));
    // Either the octet lay behind all we read, or the record it was in is refused as a whole.
    EXPECT_TRUE(got == payload || got.find('!') != std::string::npos) << at;
    EXPECT_EQ(payload.compare(0, got.find('!'), got, 0, got.find('!')) == 0 || got.find('!') == 0 || got == payload,
              true)
        << at;
  }
}

TEST_F(TlsStreamTest, AWriteCutShortByItsDeadlineIsNotContinued) {
  auto ends = memory_streams(loop, {.capacity = 4096});
  struct Deaf {
    static Task<void> run(testing::ManualLoop& loop, std::unique_ptr<Stream> clear) {
      auto line = co_await world().server.accept(loop, std::move(clear), {});
      const Result<void> slept = co_await sleep(loop, std::chrono::hours(1), {});
      EXPECT_TRUE(slept);
    }
  };
  group.spawn(Deaf::run(loop, std::move(ends.second)));
  auto line = loop.run(client(std::move(ends.first)));
  ASSERT_TRUE(line);
  const std::string large = pattern(1 << 20);
  const auto first = loop.run((*line)->write_all(large, {.deadline = loop.now() + seconds(5)}));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().what(), "timed out while writing");
  const auto second = loop.run((*line)->write_all("x", {}));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what(), "an earlier write was cut short");
}

TEST_F(TlsStreamTest, CloseEndsEverything) {
  auto ends = memory_streams(loop);
  group.spawn(echo_server(std::move(ends.second)));
  auto line = loop.run(client(std::move(ends.first)));
  ASSERT_TRUE(line);
  (*line)->close();
  (*line)->close();
  EXPECT_EQ(loop.run(drain(**line, 10)), "!the connection is closed");
  EXPECT_FALSE(loop.run((*line)->write_all("x", {})));
  loop.run(group.join());
  EXPECT_THAT(server_error, HasSubstr("close_notify"));
}

}  // namespace
}  // namespace postern
