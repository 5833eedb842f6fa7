#include "daemon/wiring/incoming_body.h"

#include <utility>

namespace postern::daemon {

void BodyStrand::add(Bytes piece) {
  pieces_.push_back(std::move(piece));
  run();
}

void BodyStrand::finish(std::function<void(Result<storage::SealedBody>)> sealed) {
  sealed_ = std::move(sealed);
  run();
}

void BodyStrand::abandon() {
  for (const Bytes& piece : pieces_) in_flight_->finished(piece.size());
  pieces_.clear();
}

void BodyStrand::run() {
  if (running_) return;
  const auto self = shared_from_this();
  if (!pieces_.empty()) {
    running_ = true;
    const auto piece = std::make_shared<Bytes>(std::move(pieces_.front()));
    pieces_.pop_front();
    const auto result = std::make_shared<Result<void>>();
    workers_.submit([self, piece, result] { *result = self->sealer_->add(*piece); },
                    [self, size = piece->size(), result] {
                      self->running_ = false;
                      self->in_flight_->finished(size);
                      if (!*result && !self->error_) self->error_ = result->error();
                      if (self->error_) self->abandon();
                      self->run();
                    });
  } else if (sealed_) {
    running_ = true;
    if (error_) return std::exchange(sealed_, nullptr)(fail(*error_));
    const auto result = std::make_shared<std::optional<Result<storage::SealedBody>>>();
    workers_.submit([self, result] { *result = self->sealer_->finish(); },
                    [self, result] { std::exchange(self->sealed_, nullptr)(std::move(**result)); });
  }
}

PortBody::~PortBody() {
  in_flight_->held -= buffer_.size();
  if (strand_) strand_->abandon();
}

void PortBody::append(ByteView octets) {
  size_ += octets.size();
  while (!octets.empty()) {
    // One octet more than may be held whole starts the strand.
    if (buffer_.size() == storage::Vault::kMaxWhole) give_to_strand();
    const ByteView taken = octets.substr(0, storage::Vault::kMaxWhole - buffer_.size());
    octets.remove_prefix(taken.size());
    buffer_ += taken;
    in_flight_->held += taken.size();
  }
}

void PortBody::give_to_strand() {
  if (!strand_) strand_ = std::make_shared<BodyStrand>(vault_.sealer(), workers_, in_flight_);
  in_flight_->held -= buffer_.size();
  in_flight_->working += buffer_.size();
  strand_->add(std::exchange(buffer_, {}));
}

PortBody::Taken PortBody::take() {
  if (strand_) {
    if (!buffer_.empty()) give_to_strand();
    return {{}, std::exchange(strand_, nullptr)};
  }
  in_flight_->held -= buffer_.size();
  in_flight_->working += buffer_.size();
  return {std::exchange(buffer_, {}), nullptr};
}

}  // namespace postern::daemon
