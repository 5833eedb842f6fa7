#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/mail/uid.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/partial_range.h"

namespace postern::imap {

class Encoder;

/// What FETCH asks for. UID is always asked for.
struct FetchItems {
  bool flags = false, internal_date = false, rfc822_size = false;
  bool modseq = false;                     // CONDSTORE
  bool gmail = false;                      // X-GM-EXT-1: X-GM-MSGID X-GM-THRID X-GM-LABELS
  bool gmail_message_id = false;           // X-GM-EXT-1: X-GM-MSGID alone
  bool email_id = false;                   // OBJECTID
  bool body = false;                       // BODY.PEEK[]
  bool header = false;                     // BODY.PEEK[HEADER]
  std::vector<std::string> header_fields;  // BODY.PEEK[HEADER.FIELDS (…)]
  struct Partial {
    std::uint64_t origin = 0;
    std::uint64_t count = 0;
  };
  std::optional<Partial> partial;  // of `body`: BODY.PEEK[]<origin.count>
  bool any_body() const { return body || header || !header_fields.empty(); }
};

/// UID FETCH (RFC 9051 §6.4.5). `first_to_last` asks for all from there up, instead of `uids`: as "first:4294967295",
/// for "first:*" brings the last message although its UID is smaller (RFC 3501 §6.4.8), and "*" is refused under
/// UIDONLY.
struct UidFetch {
  UidSet uids;
  std::optional<Uid> first_to_last;
  FetchItems items;
  std::optional<ModSeq> changed_since;  // CONDSTORE
  bool vanished = false;                // with changed_since; QRESYNC enabled
  std::optional<PartialRange> page;     // PARTIAL (RFC 9394 §3.3): of the messages named, only this page
  bool asks_for(Uid uid) const { return first_to_last.has_value() || uids.contains(uid); }
};
void encode(const UidFetch& command, Encoder& out);

}  // namespace postern::imap
