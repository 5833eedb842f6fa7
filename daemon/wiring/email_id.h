#pragma once

#include <string>

#include "core/client/imap_client.h"
#include "core/protocol/imap/commands/fetch.h"
#include "core/protocol/imap/response.h"

namespace postern::daemon {

/// Whether the server names each message's content: EMAILID (OBJECTID, RFC 8474) or X-GM-MSGID (X-GM-EXT-1).
bool states_email_ids(const client::ImapClient& client);
/// Asks for that name where the server has one; EMAILID where it has both.
void ask_email_id(const client::ImapClient& client, imap::FetchItems& items);
/// The EMAILID, or "gm:" and X-GM-MSGID in decimal; ':' stands in no objectid. Empty where neither was stated, or not
/// in the form of RFC 8474 §7.
std::string email_id_of(const imap::FetchData& data);

}  // namespace postern::daemon
