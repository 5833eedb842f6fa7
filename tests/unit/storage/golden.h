#pragma once

// What the golden vault holds, said once for the program that makes it and for the test that reads it. Fixed for ever
// with the bytes in golden/: a change here makes golden_test.cc fail.

#include <chrono>

#include "core/base/base64.h"
#include "storage/vault.h"
#include "tests/unit/storage/vault_fixture.h"

namespace postern::storage::golden {

inline constexpr WallTime kFirst{std::chrono::seconds(1'700'000'000)};
inline constexpr WallTime kSecond{std::chrono::seconds(1'700'003'600)};
inline constexpr UidValidity kGeneration{7};
inline constexpr UidValidity kNextGeneration{8};
inline constexpr InternalDate kDate{1'030'016'183, 60};

inline Bytes plain() { return message(1); }
inline Bytes incompressible() { return noise(6'000, 1); }
inline Bytes tiny() { return "Subject: hi\r\n\r\n"; }
/// Three pieces, the first two alike.
inline Bytes large() {
  Bytes out = message(2, (2u << 20) - 512);
  out.resize(1u << 20, ' ');
  return out + out + "the end\r\n";
}

/// Since format 4, bob's: a header, a file in base64, and what is around it.
inline Bytes with_file() {
  Bytes out =
      "Subject: a file\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere it is.\r\n--b\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  const Bytes characters = base64_encode(incompressible());
  for (std::size_t at = 0; at < characters.size(); at += 76) out += characters.substr(at, 76) + "\r\n";
  return out + "--b--\r\n";
}

inline MailboxName name(std::string_view utf8) { return *MailboxName::from_utf8(utf8, '/'); }
inline MailboxRecord inbox() {
  MailboxRecord record;
  record.name = name("INBOX");
  record.attributes = {"\\HasNoChildren"};
  record.subscribed = true;
  return record;
}
/// Since format 2: of the mailbox "INBOX", and of the messages plain() and large().
inline constexpr std::string_view kMailboxId = "F2212ea87-6097-4256-9d51-71338625";
inline constexpr std::string_view kPlainId = "M6d99ac3275bb4e", kLargeId = "gm:1278455344230334865";
inline SourceCursor cursor() { return {kGeneration, 5, 3, ModSeq(300), kSecond}; }

inline TargetMailboxRecord target_mailbox() { return {MailboxId(1), name("Archiv/Ä"), UidValidity(9), true}; }
inline Binding binding() {
  return {{MailboxId(1), kGeneration, Uid(1)}, UidValidity(9), Uid(12), {"\\Seen", "\\Flagged", "$Work"}};
}
inline Intent intent(const Digest& digest) {
  Intent intent{{}, MailboxId(1), UidValidity(9), 13, kSecond, {}};
  intent.items.push_back({{MailboxId(1), kGeneration, Uid(2)}, digest, 6'000, {"\\Answered"}});
  return intent;
}
/// Since format 3: read back and found right; and all of what follows up to quarantine().
inline Binding verified_binding() {
  return {{MailboxId(1), kGeneration, Uid(3)}, UidValidity(9), Uid(11), {}, kSecond};
}
inline StoreIntent store_intent() {
  return {{}, MailboxId(1), UidValidity(9), {{"\\Seen", "$Work"}, {"\\Flagged"}}, {3, 4, 5, 9}, kSecond};
}
inline GuardHold hold() {
  GuardHold hold;
  hold.mailbox = MailboxId(2);
  hold.target = TargetId(1);
  hold.reason = GuardHold::Reason::emptied;
  hold.uidvalidity = kNextGeneration;
  hold.uids = {1, 3, 4};
  hold.of = 6;
  hold.since = kSecond;
  hold.acknowledged = true;
  hold.detail = "the mailbox is empty at the source";
  return hold;
}
inline std::vector<AuditRecord> audit(const Digest& digest) {
  return {{kFirst,
           AuditRecord::Action::trashed,
           TargetId(1),
           {MailboxId(1), kGeneration, Uid(4)},
           digest,
           "Archiv/Ä",
           UidValidity(9),
           Uid(14)},
          {kSecond,
           AuditRecord::Action::source_expunged,
           {},
           {MailboxId(1), kGeneration, Uid(5)},
           digest,
           "INBOX",
           kGeneration,
           Uid(5)}};
}
inline constexpr std::string_view kOrigin = "imap.old.example alice@old.example";

inline QuarantineRecord quarantine() {
  return {{MailboxId(1), kGeneration, Uid(9)},
          QuarantineRecord::Stage::append,
          TargetId(1),
          "NO [OVERQUOTA] mailbox is full",
          3,
          kFirst,
          kSecond};
}
inline PassSummary pass() {
  PassSummary summary;
  summary.state = PassSummary::State::attention;
  summary.started = kFirst;
  summary.ended = kSecond;
  summary.last_success = kFirst;
  summary.messages_fetched = 4;
  summary.octets_fetched = 5;
  summary.appended = 1;
  summary.quarantined = 1;
  summary.error = "a message is quarantined";
  return summary;
}

}  // namespace postern::storage::golden
