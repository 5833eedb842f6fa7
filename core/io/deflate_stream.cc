#include "core/io/deflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>

#include "core/io/sleep.h"

namespace postern {
namespace {

constexpr std::size_t kReceived = 16 * 1024;
constexpr std::size_t kSentAtOnce = 16 * 1024;  // fits in one TLS record
constexpr std::size_t kTurn = 1024 * 1024;
constexpr std::size_t kLargestCall = 1 << 30;  // zlib counts in 32 bits

// The server chooses its window, up to 32 KiB; ours is 16 KiB: 192 KiB of state instead of 256 for 1 % more octets.
constexpr int kInflateWindow = -15;  // negative: raw, as RFC 4978 has it
constexpr int kDeflateWindow = -14;
constexpr int kDeflateMemory = 8;

Bytef* octets_of(const char* data) { return reinterpret_cast<Bytef*>(const_cast<char*>(data)); }

Error corrupt(const std::string& what) {
  return Error(ErrorKind::protocol, "the server's compressed octets are damaged: " + what)
      .remedy("set compress: false for this server");
}

}  // namespace

/// The receiving half: compressed octets from below, and zlib's state.
class DeflateStream::Inflater {
 public:
  explicit Inflater(Bytes received) : received_(std::move(received)) {
    if (inflateInit2(&z_, kInflateWindow) != Z_OK) throw std::bad_alloc();
    give(received_);
  }
  ~Inflater() { inflateEnd(&z_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ended() const { return ended_; }
  /// Whether the octets so far end where a flush ends, so that nothing is missing.
  bool between_blocks() const { return between_blocks_; }

  /// Inflates what has been received, as far as `into` goes; 0: it takes more octets from below, or has ended.
  Result<std::size_t> inflate_into(std::span<char> into) {
    if (ended_) return std::size_t{0};
    const std::size_t room = std::min(into.size(), kLargestCall);
    const uInt had = z_.avail_in;
    z_.next_out = octets_of(into.data());
    z_.avail_out = static_cast<uInt>(room);
    const int code = ::inflate(&z_, Z_SYNC_FLUSH);
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    const std::size_t inflated = room - z_.avail_out;
    const bool damaged = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR;
    if (damaged && inflated == 0) return fail(corrupt(z_.msg != nullptr ? z_.msg : "code " + std::to_string(code)));
    ended_ = code == Z_STREAM_END;
    // zlib tells only the call that came there.
    constexpr int kAfterBlock = 128;
    if (z_.avail_in != had || inflated > 0) between_blocks_ = (z_.data_type & kAfterBlock) != 0;
    return inflated;
  }

  /// Where the next octets from below go; only when all before them have been inflated.
  std::span<char> buffer() {
    if (received_.size() != kReceived) {
      Bytes fresh(kReceived, '\0');
      received_.swap(fresh);  // what was handed over at the switch can be larger, and is let go
    }
    return received_;
  }
  void received(std::size_t count) { give(ByteView(received_).substr(0, count)); }

 private:
  void give(ByteView octets) {
    z_.next_in = octets_of(octets.data());
    z_.avail_in = static_cast<uInt>(octets.size());
  }

  z_stream z_{};
  Bytes received_;
  bool between_blocks_ = true;
  bool ended_ = false;
};

/// The sending half.
class DeflateStream::Deflater {
 public:
  Deflater() {
    const int code =
        deflateInit2(&z_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kDeflateWindow, kDeflateMemory, Z_DEFAULT_STRATEGY);
    if (code != Z_OK) throw std::bad_alloc();
  }
  ~Deflater() { deflateEnd(&z_); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  void begin(ByteView octets) {
    z_.next_in = octets_of(octets.data());
    z_.avail_in = static_cast<uInt>(octets.size());
    more_ = true;
  }
  /// Whether a part of what began is still to come out.
  bool more() const { return more_; }
  /// The next compressed octets; the view ends with the next call.
  ByteView next() {
    z_.next_out = octets_of(out_.data());
    z_.avail_out = static_cast<uInt>(out_.size());
    ::deflate(&z_, Z_SYNC_FLUSH);
    more_ = z_.avail_out == 0;
    return ByteView(out_.data(), out_.size() - z_.avail_out);
  }

 private:
  z_stream z_{};
  std::array<char, kSentAtOnce> out_{};
  bool more_ = false;
};

DeflateStream::DeflateStream(Scheduler& scheduler, std::unique_ptr<Stream> lower, Bytes received)
    : scheduler_(scheduler),
      lower_(std::move(lower)),
      inflater_(std::make_unique<Inflater>(std::move(received))),
      deflater_(std::make_unique<Deflater>()) {}

DeflateStream::~DeflateStream() = default;

/// Highly compressed octets keep a reader busy without ever waiting for the line.
Task<Result<void>> DeflateStream::let_others_go_first(Wait wait) {
  inflated_ = 0;
  co_await yield(scheduler_);
  if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
  if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while reading");
  if (scheduler_.now() >= wait.deadline) co_return fail(ErrorKind::transient, "timed out while reading");
  co_return {};
}

Task<Result<std::size_t>> DeflateStream::read_some(std::span<char> into, Wait wait) {
  for (;;) {
    if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
    if (inflated_ >= kTurn) {
      const Result<void> mine_again = co_await let_others_go_first(wait);
      if (!mine_again) co_return fail(mine_again.error());
    }
    const Result<std::size_t> inflated = inflater_->inflate_into(into);
    if (!inflated) co_return fail(inflated.error());
    inflated_ += *inflated;
    if (*inflated > 0 || inflater_->ended()) co_return *inflated;
    const Result<std::size_t> got = co_await lower_->read_some(inflater_->buffer(), wait);
    if (!got) co_return fail(got.error());
    if (*got == 0 && inflater_->between_blocks()) co_return std::size_t{0};
    if (*got == 0) co_return fail(ErrorKind::transient, "the connection was cut in the middle of compressed octets");
    inflater_->received(*got);
  }
}

Task<Result<void>> DeflateStream::write_all(ByteView octets, Wait wait) {
  if (torn_) co_return fail(ErrorKind::transient, "an earlier write was cut short");
  while (!octets.empty()) {
    torn_ = true;
    deflater_->begin(octets.substr(0, kLargestCall));
    while (deflater_->more()) {
      if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
      const ByteView compressed = deflater_->next();
      if (compressed.empty()) break;
      const Result<void> sent = co_await lower_->write_all(compressed, wait);
      if (!sent) co_return fail(sent.error());
    }
    octets.remove_prefix(std::min(octets.size(), kLargestCall));
    torn_ = false;
  }
  co_return {};
}

Task<Result<void>> DeflateStream::shutdown(Wait wait) { return lower_->shutdown(std::move(wait)); }

void DeflateStream::close() {
  closed_ = true;
  lower_->close();
}

}  // namespace postern
