#include "core/protocol/imap/commands/enable.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

// enable = "ENABLE" 1*(SP capability)
void encode(const Enable& command, Encoder& out) {
  out.text("ENABLE");
  for (const std::string& name : command.names) out.text(" ").atom(name);
}

}  // namespace postern::imap
