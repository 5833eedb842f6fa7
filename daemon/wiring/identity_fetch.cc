#include "daemon/wiring/identity_fetch.h"

#include <algorithm>
#include <utility>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/message_date.h"
#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/email_id.h"

namespace postern::daemon {
namespace {

/// Servers name the section as they like: "HEADER.FIELDS (Date From)", in capitals, with quotes.
bool is_header_fields(std::string_view section) { return ascii_istarts_with(section, "HEADER.FIELDS "); }

}  // namespace

IdentityFetch::IdentityFetch(const UidSet& uids, imap::FetchItems items, std::optional<std::uint32_t> message_limit)
    : uids_(uids),
      parts_(uids.split(std::min<std::uint64_t>(kMessages, message_limit.value_or(kMessages)))),
      items_(std::move(items)) {
  std::reverse(parts_.begin(), parts_.end());
}

std::optional<imap::Command> IdentityFetch::next() {
  if (parts_.empty()) return std::nullopt;
  imap::UidFetch fetch;
  fetch.uids = std::move(parts_.back());
  fetch.items = items_;
  parts_.pop_back();
  return fetch;
}

void IdentityFetch::literal(const imap::LiteralChunk& chunk) {
  if (!is_header_fields(chunk.section)) return;
  if (chunk.offset == 0) header_.clear();
  header_.append(chunk.octets.substr(0, mime::kHeaderCap - std::min(mime::kHeaderCap, header_.size())));
}

std::optional<Digest> IdentityFetch::take_header(const imap::FetchData& data) {
  const Bytes header = std::exchange(header_, {});
  if (items_.header_fields.empty()) return std::nullopt;
  const auto section = std::find_if(data.sections.begin(), data.sections.end(),
                                    [](const imap::BodySection& one) { return is_header_fields(one.section); });
  if (section == data.sections.end() || section->nil) return std::nullopt;
  return Digest(crypto::sha256(mime::stable_header(header)));
}

void IdentityFetch::fetched(imap::Fetched& fetched) {
  imap::FetchData& data = fetched.data;
  const std::optional<Digest> header = take_header(data);
  if (!data.uid || !uids_.contains(*data.uid)) return;
  // Less than was asked for: flags that another client changes meanwhile come in a FETCH of their own.
  if (!data.flags || !data.rfc822_size || (!items_.header_fields.empty() && !header)) return;
  // A date that the server does not state is taken from the body that is fetched: here there is none.
  const InternalDate date = data.internal_date.value_or(InternalDate());
  if (items_.internal_date && !mime::is_stated(date)) return;
  if (!seen_.insert(data.uid->value()).second) return;
  sync::ListedMessage message;
  message.uid = *data.uid;
  message.flags = std::move(*data.flags);
  message.internaldate = date;
  message.modseq = data.modseq.value_or(ModSeq());
  message.stated_size = *data.rfc822_size;
  message.email_id = email_id_of(data);
  message.header = header;
  messages_.push_back(std::move(message));
}

Result<void> IdentityFetch::completed(imap::Tagged& tagged) {
  if (tagged.error) return fail(std::move(*tagged.error));
  return {};
}

}  // namespace postern::daemon
