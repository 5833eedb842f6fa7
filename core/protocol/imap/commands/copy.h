#pragma once

#include "core/mail/mailbox_name.h"
#include "core/mail/uid_set.h"

namespace postern::imap {

class Encoder;

struct UidCopy {
  UidSet uids;
  MailboxName mailbox;
};
/// UID MOVE (RFC 6851).
struct UidMove {
  UidSet uids;
  MailboxName mailbox;
};
/// EXPUNGE: removes whatever anyone marked. Prefer UidExpunge.
struct Expunge {};
/// UID EXPUNGE (RFC 4315).
struct UidExpunge {
  UidSet uids;
};
void encode(const UidCopy& command, Encoder& out);
void encode(const UidMove& command, Encoder& out);
void encode(const Expunge& command, Encoder& out);
void encode(const UidExpunge& command, Encoder& out);

}  // namespace postern::imap
