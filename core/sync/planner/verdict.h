#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/error.h"

namespace postern::sync {

/// What follows from a failure; the table "When things go wrong" of ALGORITHM.md in code.
enum class Verdict : std::uint8_t {
  skip_message,  // quarantine it, the rest goes on
  skip_mailbox,  // report it, other mailboxes go on
  reconnect,     // a new connection after a wait
  stop_side,     // this server needs a person: the source or the target is left
  stop_pass,     // the vault or the process: everything ends
};

Verdict verdict(const Error& error);

/// Whether the connection broke, which what it was asked for may have caused; not a server that asks for patience.
bool is_cut(const Error& error);

/// How long a server that asks for patience gets: what it said within [1 s, 1 h], else a minute. Zero for other
/// failures.
std::chrono::milliseconds asked_wait(const Error& error);

/// Whether the server will not have what a command asks of messages, the mailbox being there and open to others.
bool refuses_change(const Error& error);

/// For a command that named several messages: whether asking for fewer may help. Not when the server wants patience or
/// the whole mailbox is closed to us.
bool worth_splitting(const Error& error);

}  // namespace postern::sync
