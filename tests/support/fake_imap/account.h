#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/mail/server_state.h"

namespace postern::testing {

/// Flags as servers compare them: without case.
struct FlagLess {
  bool operator()(const std::string& a, const std::string& b) const { return ascii_iless(a, b); }
};
using FakeFlags = std::set<std::string, FlagLess>;

struct FakeMessage {
  std::uint32_t uid = 0;
  std::shared_ptr<const Bytes> octets;
  FakeFlags flags;
  std::int64_t unix_seconds = 0;
  int zone_minutes = 0;
  std::uint64_t modseq = 0;
  std::uint64_t content = 0;  // EMAILID "E<content>" and X-GM-MSGID; a copy keeps it; 0: given when it is added
};

/// A mailbox with what CONDSTORE and QRESYNC need: a modification sequence for everything, and tombstones.
class FakeMailbox {
 public:
  explicit FakeMailbox(std::uint32_t validity) : uidvalidity(validity), mailbox_id("F" + std::to_string(validity)) {}

  std::uint32_t uidvalidity;
  std::string mailbox_id;  // MAILBOXID (RFC 8474): a rename keeps it
  std::uint32_t uidnext = 1;
  std::uint64_t highestmodseq = 1;
  std::vector<FakeMessage> messages;                  // ascending by UID
  std::map<std::uint32_t, std::uint64_t> tombstones;  // UID to the modification sequence of its end
  std::vector<std::string> attributes;                // SPECIAL-USE
  bool selectable = true;
  bool subscribed = false;
  bool read_only = false;
  bool any_keyword = true;  // PERMANENTFLAGS has \*

  std::uint32_t add(FakeMessage message);
  FakeMessage* find(std::uint32_t uid);
  void touch(FakeMessage& message) { message.modseq = ++highestmodseq; }
  /// Removes these; unknown ones are ignored.
  void expunge(const std::set<std::uint32_t>& uids);
};

/// One user's mailboxes, by their names on the wire. Not thread-safe.
class FakeAccount {
 public:
  FakeAccount() { create("INBOX"); }
  /// INBOX in any case; null when there is none.
  FakeMailbox* find(const std::string& wire_name);
  /// Null when it exists already.
  FakeMailbox* create(const std::string& wire_name);
  bool remove(const std::string& wire_name);
  /// What lies below goes along (RFC 9051 §6.3.6). False when there is nothing of that name, or the new one is taken.
  bool rename(const std::string& from, const std::string& to, char delimiter);
  /// From now on names that differ in case alone are one mailbox, which keeps the spelling that it was created with.
  void ignore_case() { ignores_case_ = true; }
  /// Refuses an APPEND that would take the account above it, and is told by GETQUOTAROOT; 0: no quota.
  std::uint64_t quota_octets = 0;
  std::uint64_t octets_held() const;
  std::uint32_t next_uidvalidity() { return ++last_uidvalidity_; }
  std::map<std::string, std::unique_ptr<FakeMailbox>>& mailboxes() { return mailboxes_; }
  /// By UTF-8 names, with `delimiter` turned into "/".
  ServerState state(char delimiter) const;

 private:
  std::map<std::string, std::unique_ptr<FakeMailbox>> mailboxes_;
  std::string spelling(const std::string& wire_name) const;

  bool ignores_case_ = false;
  std::uint32_t last_uidvalidity_ = 1000;
};

}  // namespace postern::testing
