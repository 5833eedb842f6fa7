#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/client/imap_client.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/protocol/imap/commands/append.h"
#include "core/protocol/imap/response_code.h"

namespace postern::client {

/// The octets of one message to append, in pieces.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// The next piece; empty after the last.
  virtual Task<Result<Bytes>> next(Wait wait) = 0;
};

/// What is known about an APPEND or MULTIAPPEND afterwards. All of its messages share the fate: there is no partial
/// append (RFC 9051 §6.3.12, RFC 3502).
struct AppendReport {
  enum class Fate : std::uint8_t {
    stored,    // tagged OK
    refused,   // tagged NO or BAD, at whatever stage
    not_sent,  // the connection ended before the command's last octet was handed to the stream: nothing can be there
    unknown,   // it ended after that
  };
  Fate fate = Fate::not_sent;
  std::optional<imap::AppendUid> uids;  // with stored, as the server said; unchecked
  std::optional<Error> error;           // unless stored
};

/// Appends; `bodies` are one for each message of the command, give exactly the announced sizes and outlive the call.
/// A body that fails, or that is shorter or longer than announced, ends the connection: nothing else can take back an
/// announced literal.
Task<AppendReport> append(ImapClient& client, imap::Append command, std::vector<BodySource*> bodies, Wait wait);

/// Several APPENDs, pipelined: the next one is written behind the body of the one before, where literals need no "+"
/// with nothing awaited in between. A report each, in order: a refusal is one command's alone, and of a connection that
/// ends exactly those are unknown that were handed to the stream whole and not answered. `bodies` are those of all
/// commands.
Task<std::vector<AppendReport>> append_each(ImapClient& client, std::vector<imap::Append> commands,
                                            std::vector<BodySource*> bodies, Wait wait);

}  // namespace postern::client
