#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "core/protocol/imap/commands/append.h"
#include "core/protocol/imap/commands/authenticate.h"
#include "core/protocol/imap/commands/copy.h"
#include "core/protocol/imap/commands/enable.h"
#include "core/protocol/imap/commands/fetch.h"
#include "core/protocol/imap/commands/id.h"
#include "core/protocol/imap/commands/list.h"
#include "core/protocol/imap/commands/mailbox.h"
#include "core/protocol/imap/commands/quota.h"
#include "core/protocol/imap/commands/search.h"
#include "core/protocol/imap/commands/select.h"
#include "core/protocol/imap/commands/simple.h"
#include "core/protocol/imap/commands/status.h"
#include "core/protocol/imap/commands/store.h"
#include "core/protocol/imap/encoder.h"

namespace postern::imap {

/// Everything that can be said to a server, as a typed value.
using Command =
    std::variant<Capability, Noop, StartTls, CompressDeflate, Idle, NamespaceCommand, Unselect, Close, Logout, Id,
                 Authenticate, Login, Enable, List, Lsub, StatusCommand, Select, UidFetch, UidSearch, UidStore, Append,
                 Create, Delete, Rename, Subscribe, Unsubscribe, UidCopy, UidMove, Expunge, UidExpunge, GetQuotaRoot>;

/// The command's words as they stand on the wire: "UID FETCH", "EXAMINE".
std::string_view name_of(const Command& command);

/// The advertised extensions it relies on, by capability name; switched off when the server answers BAD.
std::vector<std::string_view> extensions_of(const Command& command);

/// The whole command. Fails when an argument cannot be written at all (NUL, an illegal flag, an empty UID set).
Result<EncodedCommand> encode_command(const Command& command, std::string_view tag, LiteralForm literals, bool utf8);

}  // namespace postern::imap
