#include "core/protocol/imap/commands/select.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// select = "SELECT" SP mailbox [SP "(" select-param *(SP select-param) ")"] (RFC 7162 §7)
void encode(const Select& command, Encoder& out) {
  if (command.read_only) {
    out.text("EXAMINE ");
  } else {
    out.text("SELECT ");
  }
  out.mailbox(command.mailbox);
  if (command.qresync) {
    out.text(" (QRESYNC (")
        .number(command.qresync->uidvalidity.value())
        .text(" ")
        .number(command.qresync->modseq.value());
    if (!command.qresync->known.empty()) out.text(" ").uids(command.qresync->known);
    out.text("))");
  } else if (command.condstore) {
    out.text(" (CONDSTORE)");
  }
}

}  // namespace postern::imap
