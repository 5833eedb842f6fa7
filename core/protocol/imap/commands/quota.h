#pragma once

#include "core/mail/mailbox_name.h"

namespace postern::imap {

class Encoder;

/// GETQUOTAROOT (RFC 9208 §4.1.2, 2087): the quota roots of a mailbox, and each one's limits and usage.
struct GetQuotaRoot {
  MailboxName mailbox;
};
void encode(const GetQuotaRoot& command, Encoder& out);

}  // namespace postern::imap
