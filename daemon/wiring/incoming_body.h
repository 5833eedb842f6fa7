#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "core/io/event.h"
#include "core/io/workers.h"
#include "core/sync/ports.h"
#include "storage/vault.h"

namespace postern::daemon {

/// Octets between the socket and the disk, of one account. Loop's thread.
class InFlight {
 public:
  explicit InFlight(Scheduler& scheduler) : changed(scheduler) {}
  std::uint64_t held = 0;     // of bodies that no commit has taken: waiting does not lower them
  std::uint64_t working = 0;  // being sealed, written or committed
  Event changed;              // set whenever `working` falls

  void finished(std::uint64_t octets) {
    working -= octets;
    changed.set();
  }
};

/// A body above 1 MiB on its way through a BodySealer: pieces go to the workers one after the other, because a hash
/// cannot be made out of order. Shared by the body, the commit that takes it and the work under way. Loop's thread.
class BodyStrand : public std::enable_shared_from_this<BodyStrand> {
 public:
  BodyStrand(std::unique_ptr<storage::BodySealer> sealer, Workers& workers, std::shared_ptr<InFlight> in_flight)
      : sealer_(std::move(sealer)), workers_(workers), in_flight_(std::move(in_flight)) {}

  void add(Bytes piece);
  /// No more pieces; `sealed` runs when the last is through. Call once.
  void finish(std::function<void(Result<storage::SealedBody>)> sealed);
  /// What has not been worked on is dropped.
  void abandon();

 private:
  void run();

  const std::unique_ptr<storage::BodySealer> sealer_;
  Workers& workers_;
  const std::shared_ptr<InFlight> in_flight_;
  std::deque<Bytes> pieces_;
  bool running_ = false;
  std::optional<Error> error_;
  std::function<void(Result<storage::SealedBody>)> sealed_;
};

/// A message body as it arrives: whole up to 1 MiB, then through a strand.
class PortBody final : public sync::IncomingBody {
 public:
  /// `size` as announced: memory for that much, or for what may be held whole, is taken at once.
  PortBody(storage::Vault& vault, Workers& workers, std::shared_ptr<InFlight> in_flight, std::uint64_t size)
      : vault_(vault), workers_(workers), in_flight_(std::move(in_flight)) {
    buffer_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, storage::Vault::kMaxWhole)));
  }
  ~PortBody() override;

  void append(ByteView octets) override;
  std::uint64_t size() const override { return size_; }

  /// For the commit: the body held whole, or the strand with its last piece given. The octets count as working from now
  /// on; the caller ends it for those of a whole body.
  struct Taken {
    Bytes whole;
    std::shared_ptr<BodyStrand> strand;
  };
  Taken take();

 private:
  void give_to_strand();

  storage::Vault& vault_;
  Workers& workers_;
  const std::shared_ptr<InFlight> in_flight_;
  Bytes buffer_;
  std::uint64_t size_ = 0;
  std::shared_ptr<BodyStrand> strand_;
};

}  // namespace postern::daemon
