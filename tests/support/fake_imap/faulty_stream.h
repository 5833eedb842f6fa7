#pragma once

#include <memory>

#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "tests/support/fake_imap/faults.h"

namespace postern::testing {

/// A stream that is cut after a given number of octets, or drips. `scheduler` outlives it. After a detach() only
/// close() and attach() make sense.
class FaultyStream final : public Stream {
 public:
  FaultyStream(Scheduler& scheduler, std::unique_ptr<Stream> inner, ConnectionFaults faults)
      : scheduler_(scheduler), inner_(std::move(inner)), faults_(std::move(faults)) {}

  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override;
  Task<Result<void>> write_all(ByteView octets, Wait wait) override;
  Task<Result<void>> shutdown(Wait wait) override { return inner_->shutdown(std::move(wait)); }
  void close() override {
    if (inner_) inner_->close();
  }
  /// Takes the stream below out, to put TLS on it; attach() puts the result in its place. Octets count on.
  std::unique_ptr<Stream> detach() { return std::move(inner_); }
  void attach(std::unique_ptr<Stream> inner) { inner_ = std::move(inner); }

 private:
  Scheduler& scheduler_;
  std::unique_ptr<Stream> inner_;
  ConnectionFaults faults_;
  std::uint64_t sent_ = 0, received_ = 0;
};

}  // namespace postern::testing
