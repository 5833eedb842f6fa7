#include "core/protocol/imap/commands/copy.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

void encode(const UidCopy& command, Encoder& out) {
  out.text("UID COPY ").uids(command.uids).text(" ").mailbox(command.mailbox);
}
void encode(const UidMove& command, Encoder& out) {
  out.text("UID MOVE ").uids(command.uids).text(" ").mailbox(command.mailbox);
}
void encode(const Expunge&, Encoder& out) { out.text("EXPUNGE"); }
void encode(const UidExpunge& command, Encoder& out) { out.text("UID EXPUNGE ").uids(command.uids); }

}  // namespace postern::imap
