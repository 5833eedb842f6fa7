#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/io/dialer.h"
#include "core/io/task.h"
#include "core/io/wait.h"
#include "core/io/workers.h"
#include "core/protocol/sasl/choose.h"

namespace postern::client {

/// How long each phase may last. Name look-up, TCP and the TLS handshake have theirs in the Dialer.
struct ImapTimeouts {
  std::chrono::seconds greeting{30};
  std::chrono::seconds silence{60};                     // no octet while an answer is due
  std::chrono::seconds command{300};                    // a command in all, unless octets come at `least_rate`
  std::chrono::seconds rate_window{60};                 // over which the rate is averaged
  std::uint64_t least_rate = 1024;                      // octets a second, both directions
  std::chrono::seconds append_reply{60};                // after the last octet of an APPEND …
  std::uint64_t append_octets_per_second = 256 * 1024;  // … and one second more for each of these
  std::chrono::seconds append_reply_max{900};
  std::chrono::seconds logout{5};
};

/// Gives the password for each authentication, so that one that was changed on disk meanwhile is picked up.
using PasswordProvider = std::function<Task<Result<Secret>>(Wait)>;

/// 144 unguessable bits in hexadecimal digits, from the operating system.
std::string random_nonce();

/// A provider that always gives `password`.
PasswordProvider fixed_password(Secret password);

/// What it takes to be logged in to one account.
struct ImapSettings {
  Endpoint endpoint;
  std::string user;
  std::string authorize_as;  // SASL authzid (RFC 4616); empty: `user` itself
  PasswordProvider password;
  /// Where the password comes from, for the remedy in an error: "password_file /run/secrets/alice".
  std::string password_origin;
  std::optional<sasl::Method> auth;  // none: the best that the server offers
  /// ID and ENABLE travel with the first conversation that fits behind them (LIST, NAMESPACE), which saves a round
  /// trip; ImapClient::qresync() and uid_only() are known after it. Any other conversation waits for them first.
  bool introduce_with_first = false;
  /// Where SCRAM's hashing runs, which the server can stretch to a third of a second; none: on the loop. Outlives the
  /// client.
  Workers* workers = nullptr;
  /// Compress the line after the login where the server offers it (RFC 4978): for lines slower than the two machines.
  bool compress = false;
  /// Capabilities to treat as not offered, upper case ("QRESYNC"): a profile's or a person's word against the server's.
  std::vector<std::string> disabled;
  /// Makes SCRAM's nonces: fresh, printable ASCII without ",".
  std::function<std::string()> nonce = random_nonce;
  ImapTimeouts timeouts;
  /// Commands in flight in a pipeline, and how many octets of them: these fit in socket buffers, so that writing never
  /// waits for a server that waits for us to read. A STATUS for each of several hundred mailboxes goes out at once;
  /// conversations with large answers have a smaller window of their own.
  std::size_t pipeline_commands = 1'000;
  std::size_t pipeline_octets = 64 * 1024;
};

}  // namespace postern::client
