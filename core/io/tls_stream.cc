#include "core/io/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace postern {
namespace {

// An idle connection holds the smallest buffer; one whose reads fill it gets more, up to several records a system call.
constexpr std::size_t kSmallestBuffer = 4 * 1024;
constexpr std::size_t kLargestBuffer = 256 * 1024;
// Sealed and sent at once: several records for one system call, and a bound on the memory a large write takes.
constexpr std::size_t kSealAtOnce = 8 * 16 * 1024;

TlsWire& wire_of(BIO* bio) { return *static_cast<TlsWire*>(BIO_get_data(bio)); }

int read_wire(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  TlsWire& wire = wire_of(bio);
  if (wire.head == wire.tail) {
    if (wire.ended) return 0;
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(static_cast<std::size_t>(size), wire.tail - wire.head);
  std::memcpy(into, wire.in.get() + wire.head, count);
  wire.head += count;
  return static_cast<int>(count);
}

int write_wire(BIO* bio, const char* octets, int size) {
  BIO_clear_retry_flags(bio);
  wire_of(bio).out.append(octets, static_cast<std::size_t>(size));
  return size;
}

long control_wire(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

int create_wire(BIO* bio) {
  BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* wire_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern wire");
    BIO_meth_set_create(made, create_wire);
    BIO_meth_set_read(made, read_wire);
    BIO_meth_set_write(made, write_wire);
    BIO_meth_set_ctrl(made, control_wire);
    return made;
  }();
  return method;
}

}  // namespace

TlsStream::TlsStream(std::unique_ptr<Stream> lower, bssl::UniquePtr<SSL> ssl)
    : lower_(std::move(lower)), wire_(std::make_unique<TlsWire>()), ssl_(std::move(ssl)) {
  BIO* const bio = BIO_new(wire_method());
  BIO_set_data(bio, wire_.get());
  SSL_set_bio(ssl_.get(), bio, bio);
}

TlsStream::~TlsStream() = default;

void TlsStream::size_buffer(std::size_t got) {
  std::size_t wanted = std::max(wire_->capacity, kSmallestBuffer);
  if (wire_->capacity > 0 && got == wire_->capacity) wanted = std::min(wanted * 2, kLargestBuffer);
  if (got < kSmallestBuffer) wanted = kSmallestBuffer;
  if (wanted == wire_->capacity) return;
  wire_->in = std::make_unique_for_overwrite<char[]>(wanted);
  wire_->capacity = wanted;
}

/// Reads once from below; only called when BoringSSL has read everything received so far.
Task<Result<void>> TlsStream::fill(Wait wait) {
  size_buffer(std::exchange(wire_->tail, 0));
  wire_->head = 0;
  const auto got = co_await lower_->read_some({wire_->in.get(), wire_->capacity}, wait);
  if (!got) co_return fail(got.error());
  wire_->tail = *got;
  wire_->ended = *got == 0;
  co_return {};
}

/// Sends what is sealed now. What a read adds meanwhile (an alert, the answer to a key update) goes with the next
/// flush, so that its failure is not taken for the failure of octets that have been sent.
Task<Result<void>> TlsStream::flush(Wait wait) {
  if (torn_) co_return fail(ErrorKind::transient, "an earlier write was cut short");
  torn_ = true;
  const Bytes sending = std::exchange(wire_->out, {});
  const Result<void> sent = co_await lower_->write_all(sending, wait);
  if (!sent) co_return fail(sent.error());
  torn_ = false;
  co_return {};
}

Task<Result<void>> TlsStream::handshake(Wait wait) {
  for (;;) {
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    const int why = SSL_get_error(ssl_.get(), done);
    const Error failure =
        done == 1 || why == SSL_ERROR_WANT_READ ? Error(ErrorKind::internal, "") : tls_handshake_error();
    const Result<void> sent = co_await flush(wait);  // also the alert that tells the peer what it did wrong
    if (done != 1 && why != SSL_ERROR_WANT_READ) {
      if (wire_->ended && why != SSL_ERROR_SSL)
        co_return fail(ErrorKind::transient, "the server closed the connection");
      co_return fail(failure);
    }
    if (!sent) co_return fail(sent.error());
    if (done == 1) co_return {};
    const Result<void> came = co_await fill(wait);
    if (!came) co_return fail(came.error());
  }
}

Task<Result<std::size_t>> TlsStream::read_some(std::span<char> into, Wait wait) {
  std::size_t total = 0;
  for (;;) {
    if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
    ERR_clear_error();
    constexpr std::size_t kLargestCall = 1 << 30;
    const int got =
        SSL_read(ssl_.get(), into.data() + total, static_cast<int>(std::min(into.size() - total, kLargestCall)));
    if (got > 0) {
      total += static_cast<std::size_t>(got);
      if (total == into.size()) co_return total;
      continue;
    }
    if (total > 0) co_return total;  // an error shows again at the next call
    const int why = SSL_get_error(ssl_.get(), got);
    if (why == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
    if (wire_->ended) {
      co_return fail(ErrorKind::transient, "the connection was cut: it ended without TLS's close_notify");
    }
    if (why != SSL_ERROR_WANT_READ)
      co_return fail(ErrorKind::transient, "TLS failed while reading: " + tls_take_reason());
    const Result<void> came = co_await fill(wait);
    if (!came) co_return fail(came.error());
  }
}

Result<void> TlsStream::seal(ByteView octets) {
  ERR_clear_error();
  const int size = static_cast<int>(octets.size());
  if (SSL_write(ssl_.get(), octets.data(), size) == size) return {};
  return fail(ErrorKind::transient, "TLS failed while writing: " + tls_take_reason());
}

Task<Result<void>> TlsStream::write_all(ByteView octets, Wait wait) {
  while (!octets.empty()) {
    if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
    const ByteView piece = octets.substr(0, kSealAtOnce);
    wire_->out.reserve(piece.size() + piece.size() / 64 + 512);
    const Result<void> sealed = seal(piece);
    if (!sealed) co_return fail(sealed.error());
    octets.remove_prefix(piece.size());
    const Result<void> sent = co_await flush(wait);
    if (!sent) co_return fail(sent.error());
  }
  co_return {};
}

Task<Result<void>> TlsStream::shutdown(Wait wait) {
  if (closed_) co_return fail(ErrorKind::transient, "the connection is closed");
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  const Result<void> sent = co_await flush(wait);
  if (!sent) co_return fail(sent.error());
  co_return co_await lower_->shutdown(wait);
}

void TlsStream::close() {
  closed_ = true;
  lower_->close();
}

}  // namespace postern
