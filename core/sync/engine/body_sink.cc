#include "core/sync/engine/body_sink.h"

#include <utility>

#include "core/sync/planner/quirk.h"

namespace postern::sync {
namespace {

constexpr std::size_t kMessagesPerCommit = 256;
constexpr std::uint64_t kOctetsPerCommit = 1u << 20;

}  // namespace

void BodySink::begin(std::uint64_t size) { body_ = context_.vault.receive(size); }

void BodySink::body(ByteView octets) {
  if (body_) body_->append(octets);
}

void BodySink::end(const ArrivedMessage& message) {
  auto body = std::exchange(body_, nullptr);
  if (!body || body->size() != message.size) return;
  if (!wanted_.contains(message.uid) || arrived_.contains(message.uid)) return;
  if (message.size == 0 && message.stated_size != 0) return;
  arrived_.add(message.uid);
  context_.bodies.came();
  if (message.stated_size != message.size) {
    context_.tolerated(quirk::kSizeWrong);
    context_.reuse.sizes_differ();
  }
  context_.progress.messages_done += 1;
  context_.progress.octets_done += message.size;
  pending_octets_ += message.size;
  pending_.appended.push_back({message, std::move(body)});
  if (pending_.appended.size() >= kMessagesPerCommit || pending_octets_ >= kOctetsPerCommit) flush();
}

void BodySink::flush() {
  if (pending_.appended.empty()) return;
  MailboxChanges changes;
  changes.mailbox = pending_.mailbox;
  changes.uidvalidity = pending_.uidvalidity;
  changes.appended = take();
  pipe_.submit(std::move(changes));
}

std::vector<NewEntry> BodySink::take() {
  pending_octets_ = 0;
  return std::exchange(pending_.appended, {});
}

Task<Result<void>> BodySink::ready(Wait wait) {
  if (context_.vault.octets_in_flight() >= context_.options.octets_in_flight) {
    flush();  // what no commit has taken would never make room
    auto room = co_await context_.vault.room(context_.options.octets_in_flight, wait);
    if (!room) co_return room;
  }
  if (pipe_.error()) co_return fail(*pipe_.error());
  co_return {};
}

}  // namespace postern::sync
