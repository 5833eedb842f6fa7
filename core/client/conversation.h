#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/base/result.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/protocol/imap/command.h"
#include "core/protocol/imap/event.h"

namespace postern::client {

/// A purpose for which commands are sent: gives them one by one as the pipeline has room, and takes what the server
/// answers. ImapClient::run() drives it; every call comes on the loop's thread, in the order of the wire.
class Conversation {
 public:
  virtual ~Conversation() = default;

  /// The next command; nullopt: there is no more.
  virtual std::optional<imap::Command> next() = 0;
  /// next() gave a command that is now `id`.
  virtual void sent(imap::CommandId) {}
  /// next() gave a command that cannot be written at all; an error ends the conversation.
  virtual Result<void> refused(Error error) { return fail(std::move(error)); }
  /// How many commands may be in flight, within the settings' limit.
  virtual std::size_t window() const { return SIZE_MAX; }

  /// Whether its first commands may travel with ID and ENABLE, whose answer they then cannot know: true of what means
  /// the same either way (ImapSettings::introduce_with_first).
  virtual bool fits_behind_enable() const { return false; }

  virtual void untagged(imap::Untagged&) {}
  /// A piece of a body; its views end with the call.
  virtual void literal(const imap::LiteralChunk&) {}
  virtual void fetched(imap::Fetched&) {}
  /// A command has ended, NO and BAD included. An error ends the conversation: nothing more is sent, what is in flight
  /// is heard out, and run() gives the error.
  virtual Result<void> completed(imap::Tagged& tagged) = 0;

  /// Answers a Continuation, BodyWanted or HandOver. An error ends the connection.
  virtual Task<Result<void>> act(imap::Event event, Wait wait);
  /// Awaited before each read of the socket: returns when there is room for more. An error ends the connection.
  virtual Task<Result<void>> room(Wait wait);
};

}  // namespace postern::client
