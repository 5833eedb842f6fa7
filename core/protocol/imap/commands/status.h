#pragma once

#include <cstdint>

#include "core/mail/mailbox_name.h"

namespace postern::imap {

class Encoder;

/// What STATUS and LIST … RETURN (STATUS (…)) ask for.
struct StatusItems {
  bool messages = true, uidnext = true, uidvalidity = true;
  bool highestmodseq = false;  // CONDSTORE
  bool mailbox_id = false;     // OBJECTID
  bool size = false;           // STATUS=SIZE or IMAP4rev2
  bool unseen = false;
  bool append_limit = false;  // APPENDLIMIT
};
/// STATUS (RFC 9051 §6.3.11).
struct StatusCommand {
  MailboxName mailbox;
  StatusItems items;
};
void encode(const StatusItems& items, Encoder& out);
void encode(const StatusCommand& command, Encoder& out);

}  // namespace postern::imap
