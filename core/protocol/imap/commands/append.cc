#include "core/protocol/imap/commands/append.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// append = "APPEND" SP mailbox 1*(SP ["(" flags ")" SP] [date-time SP] literal) (RFC 3502)
void encode(const Append& command, Encoder& out) {
  out.text("APPEND ").mailbox(command.mailbox);
  for (const AppendMessage& message : command.messages) {
    out.text(" ");
    if (!message.flags.empty()) out.flags(message.flags).text(" ");
    if (message.internal_date) out.date_time(*message.internal_date).text(" ");
    out.body(message.size);
  }
}

}  // namespace postern::imap
