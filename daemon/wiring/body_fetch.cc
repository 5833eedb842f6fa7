#include "daemon/wiring/body_fetch.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/protocol/mime/message_date.h"
#include "daemon/wiring/email_id.h"
#include "daemon/wiring/refusal.h"

namespace postern::daemon {
namespace {

constexpr std::size_t kBeginning = 64 * 1024;
constexpr std::uint64_t kLargestMessage = std::uint64_t{2} << 30;

}  // namespace

UidSet BodyFetch::take_part() {
  if (again_.empty()) return feed_.take(a_command_);
  auto parts = again_.split(a_command_);
  again_ = again_.without(parts.front());
  return std::move(parts.front());
}

std::optional<imap::Command> BodyFetch::next() {
  asked_ = take_part();
  if (asked_.empty()) return std::nullopt;
  imap::UidFetch fetch;
  fetch.uids = asked_;
  fetch.items = items_;
  return fetch;
}

void BodyFetch::sent(imap::CommandId id) {
  sink_.asked(asked_);
  const std::uint64_t uids = asked_.size();
  open_ += uids;
  in_flight_.emplace(id.value(), Asked{std::move(asked_), uids});
}

/// So many that the octets to come keep the line busy, by the size of the messages that have come.
std::size_t BodyFetch::window() const {
  const std::uint64_t each = arrived_count_ == 0 ? kExpectedSize : arrived_octets_ / arrived_count_ + 1;
  return open_ * each < kOctetsAhead ? kMostInFlight : kFewestInFlight;
}

bool BodyFetch::wanted(imap::CommandId command, const std::optional<Uid>& uid) const {
  const auto open = in_flight_.find(command.value());
  return open != in_flight_.end() && (!uid || open->second.open.contains(*uid));
}

void BodyFetch::literal(const imap::LiteralChunk& chunk) {
  if (!chunk.section.empty()) return;
  if (chunk.offset == 0) begin(chunk);
  if (body_ != Body::streaming) return;
  keep_beginning(chunk.octets);
  if (!chunk.octets.empty()) sink_.body(chunk.octets);
  if (chunk.last) body_ = Body::complete;
}

void BodyFetch::begin(const imap::LiteralChunk& chunk) {
  if (body_ == Body::streaming || body_ == Body::complete) sink_.abandon();  // a second BODY[] in one response
  const bool once = body_ == Body::none;
  body_ = Body::ignored;
  if (chunk.uid && arrived_.contains(*chunk.uid)) repeated_.add(*chunk.uid);
  if (!once || !wanted(chunk.command, chunk.uid)) return;
  if (chunk.size > kLargestMessage) {
    if (chunk.uid) {
      Error error(ErrorKind::message, "the message has " + std::to_string(chunk.size) + " octets, more than " +
                                          std::to_string(kLargestMessage) + " are not taken");
      refused_.push_back({UidSet{chunk.uid->value()}, std::move(error)});
    }
    return;
  }
  body_ = Body::streaming;
  body_size_ = chunk.size;
  beginning_.clear();
  sink_.begin(chunk.size);
}

void BodyFetch::keep_beginning(ByteView octets) {
  if (items_.internal_date) beginning_.append(octets.substr(0, kBeginning - beginning_.size()));
}

/// Never "now": a message that says nothing of its date either keeps what the server said, if only the epoch.
InternalDate BodyFetch::date_of(const imap::FetchData& data) const {
  const InternalDate stated = data.internal_date.value_or(InternalDate());
  if (!items_.internal_date || mime::is_stated(stated)) return stated;
  return mime::date_of_message(beginning_).value_or(stated);
}

void BodyFetch::drop_body() {
  if (body_ == Body::streaming || body_ == Body::complete) sink_.abandon();
  body_ = Body::none;
}

void BodyFetch::fetched(imap::Fetched& fetched) {
  const auto open = in_flight_.find(fetched.command.value());
  if (body_ != Body::complete || open == in_flight_.end()) return drop_body();
  end_body(fetched, open->second.open);
}

void BodyFetch::end_body(imap::Fetched& fetched, UidSet& open) {
  imap::FetchData& data = fetched.data;
  const imap::BodySection* section = data.section("");
  if (data.uid && arrived_.contains(*data.uid)) repeated_.add(*data.uid);
  if (!data.uid || !open.contains(*data.uid) || section == nullptr || section->nil || section->origin) {
    return drop_body();
  }
  body_ = Body::none;
  open.remove(*data.uid);
  arrived_.add(*data.uid);
  --open_;
  ++arrived_count_;
  arrived_octets_ += body_size_;
  sync::ArrivedMessage message;
  message.uid = *data.uid;
  if (data.flags) message.flags = std::move(*data.flags);
  message.internaldate = date_of(data);
  message.modseq = data.modseq.value_or(ModSeq());
  message.size = body_size_;
  message.stated_size = data.rfc822_size.value_or(0);
  message.email_id = email_id_of(data);
  sink_.end(message);
}

Result<void> BodyFetch::completed(imap::Tagged& tagged) {
  auto found = in_flight_.extract(tagged.command.value());
  if (found.empty()) return {};
  Asked& asked = found.mapped();
  open_ -= asked.open.size();
  again_ = again_.united(cut_off(tagged, asked));
  if (!tagged.error || asked.open.empty()) return {};
  if (!about_what_was_asked(*tagged.error)) return fail(std::move(*tagged.error));
  refused_.push_back({std::move(asked.open), std::move(*tagged.error)});
  return {};
}

/// What an OK with a MESSAGELIMIT did not come to: the server works from the highest UID down and says how far it came.
/// A command that brought the server nowhere is not given again, so it ends.
UidSet BodyFetch::cut_off(const imap::Tagged& tagged, const Asked& asked) {
  const imap::MessageLimit* limit = tagged.code.message_limit();
  if (tagged.error || limit == nullptr || !limit->lowest || limit->lowest->value() <= 1) return {};
  UidSet rest = asked.open.intersected(UidSet::range(1, limit->lowest->value() - 1));
  return rest.size() < asked.uids ? rest : UidSet();
}

void BodyFetch::finish() { drop_body(); }

}  // namespace postern::daemon
