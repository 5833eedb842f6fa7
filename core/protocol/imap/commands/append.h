#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/mail/flag_set.h"
#include "core/mail/internal_date.h"
#include "core/mail/mailbox_name.h"

namespace postern::imap {

class Encoder;

/// One message of an APPEND. Exactly `size` octets are then supplied to the session.
struct AppendMessage {
  std::uint64_t size = 0;
  FlagSet flags;
  std::optional<InternalDate> internal_date;
};
/// APPEND (RFC 9051 §6.3.12); several messages need MULTIAPPEND (RFC 3502). The session asks for each body by a
/// BodyWanted event and takes it by supply() and end_body().
struct Append {
  MailboxName mailbox;
  std::vector<AppendMessage> messages;
};
void encode(const Append& command, Encoder& out);

}  // namespace postern::imap
