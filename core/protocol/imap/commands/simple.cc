#include "core/protocol/imap/commands/simple.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

void encode(const Capability&, Encoder& out) { out.text("CAPABILITY"); }
void encode(const Noop&, Encoder& out) { out.text("NOOP"); }
void encode(const StartTls&, Encoder& out) { out.text("STARTTLS"); }
void encode(const CompressDeflate&, Encoder& out) { out.text("COMPRESS DEFLATE"); }
void encode(const Idle&, Encoder& out) { out.text("IDLE"); }
void encode(const NamespaceCommand&, Encoder& out) { out.text("NAMESPACE"); }
void encode(const Unselect&, Encoder& out) { out.text("UNSELECT"); }
void encode(const Close&, Encoder& out) { out.text("CLOSE"); }
void encode(const Logout&, Encoder& out) { out.text("LOGOUT"); }

}  // namespace postern::imap
