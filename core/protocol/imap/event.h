#pragma once

// What a Session tells its owner. Values own their memory except LiteralChunk's views.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/strong_id.h"
#include "core/protocol/imap/response.h"

namespace postern::imap {

/// A command given to a Session; 0 is "none".
using CommandId = StrongId<struct CommandTag, std::uint64_t>;
inline constexpr CommandId kNoCommand{};

/// The first line: OK or PREAUTH. (BYE is a Fatal.)
struct Greeting {
  bool preauth = false;
  std::string text;
};

/// Untagged data, with the command in flight that asked for it, or kNoCommand for what the server tells by itself.
/// The alternatives are those of Response without FetchData, tagged replies and continuations.
struct Untagged {
  CommandId command;
  Response data;
};

/// Octets of a body section as they come in; one chunk with offset 0 begins each, `last` ends it. Its message is
/// complete and well formed only when the Fetched event has come. A NIL section has no chunk.
struct LiteralChunk {
  CommandId command;
  std::uint32_t seq = 0;
  std::optional<Uid> uid;    // when the server named it before the body
  std::string_view section;  // as BodySection::section; the view ends with the next call of the session
  std::uint64_t size = 0;    // of the whole section
  std::uint64_t offset = 0;
  ByteView octets;  // into the fed segment; ends with the next call of the session
  bool last = false;
};

/// A FETCH response is complete.
struct Fetched {
  CommandId command;
  FetchData data;
};

/// A command has ended. For NO and BAD, `error` says what it means (error_class.h).
struct Tagged {
  CommandId command;
  Status status = Status::ok;  // ok, no or bad
  ResponseCode code;
  std::string text;
  std::optional<Error> error;
  bool wants_patience = false;  // OK, but "[THROTTLED]"
};

/// The server waits for us.
struct Continuation {
  enum class For : std::uint8_t { sasl, idle };
  CommandId command;
  For purpose = For::sasl;
  Bytes challenge;  // sasl: decoded
};

/// The session is ready for the octets of an APPEND's message number `index`: supply() them, then end_body().
struct BodyWanted {
  CommandId command;
  std::size_t index = 0;
  std::uint64_t size = 0;
};

/// Put the layer under the session now, then call Session::handed_over(). Nothing may be fed before.
struct HandOver {
  enum class To : std::uint8_t { tls, deflate };
  CommandId command;
  To to = To::tls;
};

/// BYE came; commands in flight will hardly be answered. Unasked, `error` says what it means.
struct Bye {
  std::string text;
  std::optional<Error> error;  // none: it answers our LOGOUT
};

/// An orderly end after LOGOUT.
struct Closed {};

/// The session is over: close the connection. Nothing more will come.
struct Fatal {
  Error error;
};

using Event = std::variant<Greeting, Untagged, LiteralChunk, Fetched, Tagged, Continuation, BodyWanted, HandOver, Bye,
                           Closed, Fatal>;

}  // namespace postern::imap
