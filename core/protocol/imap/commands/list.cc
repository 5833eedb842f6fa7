#include "core/protocol/imap/commands/list.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] (RFC 5258, 5819, 6154)
void encode(const List& command, Encoder& out) {
  out.text("LIST ");
  if (command.select_subscribed) out.text("(SUBSCRIBED) ");
  out.string(command.reference).text(" ").string(command.pattern);
  if (!command.special_use && !command.subscribed && !command.children && !command.status) return;
  bool first = true;
  const auto space = [&]() -> Encoder& {
    if (!first) out.text(" ");
    first = false;
    return out;
  };
  out.text(" RETURN (");
  if (command.special_use) space().text("SPECIAL-USE");
  if (command.subscribed) space().text("SUBSCRIBED");
  if (command.children) space().text("CHILDREN");
  if (command.status) {
    space().text("STATUS ");
    encode(*command.status, out);
  }
  out.text(")");
}

void encode(const Lsub& command, Encoder& out) {
  out.text("LSUB ").string(command.reference).text(" ").string(command.pattern);
}

}  // namespace postern::imap
