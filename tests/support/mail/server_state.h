#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace postern::testing {

/// A message as a server holds it. Flags without `\Recent`; INTERNALDATE as an instant, for servers report it in zones
/// of their own choice.
struct StoredMessage {
  std::uint32_t uid = 0;
  std::string sha256;  // 64 hex digits of its octets
  std::uint64_t size = 0;
  std::set<std::string> flags;
  std::int64_t unix_seconds = 0;
};

struct StoredMailbox {
  std::uint32_t uidvalidity = 0;
  std::vector<StoredMessage> messages;  // ascending by UID
};

/// Every selectable mailbox of an account, by its UTF-8 name with "/" between the levels.
using ServerState = std::map<std::string, StoredMailbox>;

/// What two servers must agree on when one has been copied to the other: everything but the numbers.
struct MailContent {
  std::string sha256;
  std::set<std::string> flags;
  std::int64_t unix_seconds = 0;
  friend auto operator<=>(const MailContent&, const MailContent&) = default;
};
std::ostream& operator<<(std::ostream& out, const MailContent& content);

using AccountContent = std::map<std::string, std::multiset<MailContent>>;
AccountContent contents(const ServerState& state);
std::multiset<MailContent> contents(const StoredMailbox& mailbox);

/// What tells `wanted` from `actual`, a line each and at most 20; empty when they are equal. Easier to read in a failed
/// test than two whole accounts.
std::string difference(const AccountContent& wanted, const AccountContent& actual);

/// SHA-256 in hexadecimal, straight from the library: independent of the code under test.
std::string sha256_hex(ByteView octets);

}  // namespace postern::testing
