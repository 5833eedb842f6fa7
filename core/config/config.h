#pragma once

// What the configuration file says, as validated values. Immutable after loading; holds no secret, only where each one
// is to be found (secret_source.h).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/log.h"
#include "core/config/mailbox_filter.h"
#include "core/config/mailbox_rules.h"
#include "core/config/secret_source.h"

namespace postern::config {

enum class Tls : std::uint8_t { implicit, starttls, none };
enum class Auth : std::uint8_t { automatic, scram_sha_256, plain, login };
enum class Profile : std::uint8_t { automatic, generic };

/// One side of an account: a server and how to log in there.
struct Server {
  std::string host;
  std::uint16_t port = 993;
  Tls tls = Tls::implicit;
  std::string tls_ca_file;  // absolute; empty: the system's store
  std::string user;
  std::string authorize_as;  // SASL authzid; empty: the user itself
  SecretSource password;
  Auth auth = Auth::automatic;
  unsigned connections = 2;
  Profile profile = Profile::automatic;
  bool compress = false;             // COMPRESS=DEFLATE where it is offered
  std::vector<std::string> disable;  // capabilities treated as not offered, upper case

  /// Whose mail it is.
  const std::string& owner() const { return authorize_as.empty() ? user : authorize_as; }
  /// Whose mail it is, and where: no two accounts have the same.
  std::string origin() const { return owner() + "@" + ascii_lower(host); }
};

/// What a message that vanished at the source does on the target.
enum class Deletes : std::uint8_t { keep, trash, mirror };

/// Whose flag changes are carried over.
enum class Flags : std::uint8_t { replay, two_way };

struct Account {
  std::string name;
  Server source;
  MailboxFilter mailboxes;                                  // of the source
  std::chrono::seconds flag_sweep = std::chrono::hours(1);  // of the source; for servers without CONDSTORE
  std::optional<Server> target;
  MailboxRules mailbox_map;  // names on the target
  /// Keywords of the source and what they are on the target; "": nothing. Without ASCII case, each once.
  std::vector<std::pair<std::string, std::string>> keyword_map;
  Deletes deletes = Deletes::keep;  // on the target
  Flags flags = Flags::replay;
  /// With `delete_source: after_verified`: the grace between reading back and deleting. None: nothing is deleted there.
  std::optional<std::chrono::seconds> delete_source;
  std::optional<std::chrono::seconds> every;  // none: manual
};

/// Where the HTTP server for metrics and probes listens.
struct Listen {
  std::string host;
  std::uint16_t port = 0;
};

struct Limits {
  unsigned accounts = 16;            // passes under way at once
  std::uint64_t memory = 64u << 20;  // octets of mail between the servers and the disk, of all passes together
};

struct Log {
  log::Level level = log::Level::info;
  log::Format format = log::Format::text;
};

/// How new content of the vault is compressed.
struct Compression {
  int level = 3;           // of zstd: 1 to 19
  bool dictionary = true;  // trained on the vault's own mail
};

struct Config {
  std::string file;        // where it was read from, as given
  std::string vault_path;  // absolute
  Compression compression;
  std::vector<Account> accounts;
  std::optional<Listen> listen;
  Limits limits;
  Log log;
};

}  // namespace postern::config
