#include "tests/support/mail/server_state.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>
#include <sstream>
#include <utility>

namespace postern::testing {

std::ostream& operator<<(std::ostream& out, const MailContent& content) {
  out << content.sha256.substr(0, 12) << " @" << content.unix_seconds << " (";
  const char* separator = "";
  for (const std::string& flag : content.flags) out << std::exchange(separator, " ") << flag;
  return out << ")";
}

std::multiset<MailContent> contents(const StoredMailbox& mailbox) {
  std::multiset<MailContent> result;
  for (const StoredMessage& m : mailbox.messages) result.insert({m.sha256, m.flags, m.unix_seconds});
  return result;
}

AccountContent contents(const ServerState& state) {
  AccountContent result;
  for (const auto& [name, mailbox] : state) result[name] = contents(mailbox);
  return result;
}

std::string difference(const AccountContent& wanted, const AccountContent& actual) {
  std::ostringstream out;
  int lines = 0;
  const auto report = [&](const std::string& mailbox, const char* what, const std::multiset<MailContent>& a,
                          const std::multiset<MailContent>& b) {
    std::vector<MailContent> only;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
    for (const MailContent& content : only) {
      if (lines++ < 20) out << mailbox << ": " << what << " " << content << "\n";
    }
  };
  for (const auto& [name, messages] : wanted) {
    const auto other = actual.find(name);
    if (other == actual.end()) {
      if (lines++ < 20) out << name << ": mailbox missing, with " << messages.size() << " messages\n";
      continue;
    }
    report(name, "missing", messages, other->second);
    report(name, "unexpected", other->second, messages);
  }
  for (const auto& [name, messages] : actual) {
    if (!wanted.contains(name) && lines++ < 20) {
      out << name << ": mailbox unexpected, with " << messages.size() << " messages\n";
    }
  }
  if (lines > 20) out << "and " << lines - 20 << " more differences\n";
  return out.str();
}

std::string sha256_hex(ByteView octets) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size(), digest.data());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace postern::testing
