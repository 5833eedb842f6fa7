#include "core/protocol/imap/commands/id.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// id = "ID" SP (nil / "(" string SP nstring *(SP string SP nstring) ")")
void encode(const Id& command, Encoder& out) {
  out.text("ID ");
  if (command.fields.empty()) {
    out.text("NIL");
    return;
  }
  out.text("(");
  bool first = true;
  for (const auto& [name, value] : command.fields) {
    if (!first) out.text(" ");
    out.string(name).text(" ").string(value);
    first = false;
  }
  out.text(")");
}

}  // namespace postern::imap
