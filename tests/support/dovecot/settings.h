#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/dovecot/authority.h"

namespace postern::testing {

struct DovecotOptions {
  std::vector<std::string> users = {"alice"};
  /// Capabilities that are not advertised, such as "QRESYNC"; the client then must not use them.
  std::vector<std::string> without = {};
  /// When set, a message that would take the account above it is refused with [OVERQUOTA].
  std::optional<std::uint64_t> quota_octets = std::nullopt;
  /// fsync as in production; off, a test's mail is only as durable as a test needs.
  bool fsync = false;
  /// Lines put at the end of dovecot.conf.
  std::string extra = {};
};

/// Whom Dovecot's processes run as: its own users under root, else all as the user who runs the test.
struct DovecotUsers {
  std::string internal, internal_group, login, mail, mail_group;
  std::uint32_t mail_uid = 0, mail_gid = 0;
  bool root = false;
};
DovecotUsers dovecot_users();

struct DovecotPorts {
  std::uint16_t imap = 0, imaps = 0;
};

/// The text of dovecot.conf for a server whose files live in `base`.
std::string dovecot_settings(const std::filesystem::path& base, const DovecotOptions& options,
                             const DovecotUsers& users, const DovecotPorts& ports, const AuthorityFiles& authority);

}  // namespace postern::testing
