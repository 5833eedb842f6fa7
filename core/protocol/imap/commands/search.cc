#include "core/protocol/imap/commands/search.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// uid search = "UID SEARCH" [SP "RETURN (" ("ALL" / "PARTIAL" SP partial-range) ")"] 1*(SP search-key)
void encode(const UidSearch& command, Encoder& out) {
  out.text("UID SEARCH");
  if (command.page) {
    out.text(" RETURN (PARTIAL ").page(*command.page).text(")");
  } else if (command.return_all) {
    out.text(" RETURN (ALL)");
  }
  bool any = false;
  if (!command.uids.empty()) {
    out.text(" UID ").uids(command.uids);
    any = true;
  }
  if (command.header) {
    out.text(" HEADER ").string(command.header->first).text(" ").string(command.header->second);
    any = true;
  }
  if (command.modseq) {
    out.text(" MODSEQ ").number(command.modseq->value());
    any = true;
  }
  if (command.undeleted) {
    out.text(" UNDELETED");
    any = true;
  }
  if (!any) out.text(" ALL");
}

}  // namespace postern::imap
