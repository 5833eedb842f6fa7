#include "core/protocol/imap/commands/status.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// "(" status-att *(SP status-att) ")"
void encode(const StatusItems& items, Encoder& out) {
  bool first = true;
  out.text("(");
  const auto item = [&](bool wanted, const auto& name) {
    if (!wanted) return;
    if (!first) out.text(" ");
    out.text(name);
    first = false;
  };
  item(items.messages, "MESSAGES");
  item(items.uidnext, "UIDNEXT");
  item(items.uidvalidity, "UIDVALIDITY");
  item(items.unseen, "UNSEEN");
  item(items.highestmodseq, "HIGHESTMODSEQ");
  item(items.mailbox_id, "MAILBOXID");
  item(items.size, "SIZE");
  item(items.append_limit, "APPENDLIMIT");
  out.text(")");
}

// status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"
void encode(const StatusCommand& command, Encoder& out) {
  out.text("STATUS ").mailbox(command.mailbox).text(" ");
  encode(command.items, out);
}

}  // namespace postern::imap
