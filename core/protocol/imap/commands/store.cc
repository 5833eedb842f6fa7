#include "core/protocol/imap/commands/store.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// uid store = "UID STORE" SP sequence-set [SP "(UNCHANGEDSINCE" SP n ")"] SP ["+" / "-"] "FLAGS.SILENT" SP flag-list
void encode(const UidStore& command, Encoder& out) {
  out.text("UID STORE ").uids(command.uids);
  if (command.unchanged_since) out.text(" (UNCHANGEDSINCE ").number(command.unchanged_since->value()).text(")");
  switch (command.mode) {
    case UidStore::Mode::add:
      out.text(" +FLAGS.SILENT ");
      break;
    case UidStore::Mode::remove:
      out.text(" -FLAGS.SILENT ");
      break;
    case UidStore::Mode::replace:
      out.text(" FLAGS.SILENT ");
      break;
  }
  out.flags(command.flags);
}

}  // namespace postern::imap
