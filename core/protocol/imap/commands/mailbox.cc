#include "core/protocol/imap/commands/mailbox.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

void encode(const Create& command, Encoder& out) { out.text("CREATE ").mailbox(command.mailbox); }
void encode(const Delete& command, Encoder& out) { out.text("DELETE ").mailbox(command.mailbox); }
void encode(const Rename& command, Encoder& out) {
  out.text("RENAME ").mailbox(command.from).text(" ").mailbox(command.to);
}
void encode(const Subscribe& command, Encoder& out) { out.text("SUBSCRIBE ").mailbox(command.mailbox); }
void encode(const Unsubscribe& command, Encoder& out) { out.text("UNSUBSCRIBE ").mailbox(command.mailbox); }

}  // namespace postern::imap
