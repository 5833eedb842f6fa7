#pragma once

#include "core/mail/mailbox_name.h"

namespace postern::imap {

class Encoder;

struct Create {
  MailboxName mailbox;
};
struct Delete {
  MailboxName mailbox;
};
struct Rename {
  MailboxName from, to;
};
struct Subscribe {
  MailboxName mailbox;
};
struct Unsubscribe {
  MailboxName mailbox;
};
void encode(const Create& command, Encoder& out);
void encode(const Delete& command, Encoder& out);
void encode(const Rename& command, Encoder& out);
void encode(const Subscribe& command, Encoder& out);
void encode(const Unsubscribe& command, Encoder& out);

}  // namespace postern::imap
