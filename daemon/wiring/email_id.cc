#include "daemon/wiring/email_id.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::daemon {
namespace {

/// objectid = 1*255(ALPHA / DIGIT / "_" / "-"). One of 255 may be the beginning of a longer one.
bool is_object_id(std::string_view id) {
  constexpr std::size_t kLongest = 255;
  return !id.empty() && id.size() < kLongest && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

}  // namespace

bool states_email_ids(const client::ImapClient& client) { return client.has("OBJECTID") || client.has("X-GM-EXT-1"); }

void ask_email_id(const client::ImapClient& client, imap::FetchItems& items) {
  items.email_id = client.has("OBJECTID");
  items.gmail_message_id = !items.email_id && client.has("X-GM-EXT-1");
}

std::string email_id_of(const imap::FetchData& data) {
  if (is_object_id(data.email_id)) return data.email_id;
  return data.gmail_message_id ? "gm:" + std::to_string(*data.gmail_message_id) : std::string();
}

}  // namespace postern::daemon
