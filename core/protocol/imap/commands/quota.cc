#include "core/protocol/imap/commands/quota.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {

void encode(const GetQuotaRoot& command, Encoder& out) { out.text("GETQUOTAROOT ").mailbox(command.mailbox); }

}  // namespace postern::imap
