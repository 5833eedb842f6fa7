#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/mail/uid.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/partial_range.h"

namespace postern::imap {

class Encoder;

/// UID SEARCH (RFC 9051 §6.4.4). All criteria must hold; none: ALL.
struct UidSearch {
  bool return_all = false;                                    // RETURN (ALL): ESEARCH
  std::optional<PartialRange> page;                           // RETURN (PARTIAL …) in its place (RFC 9394 §3.1)
  UidSet uids;                                                // empty: not restricted
  std::optional<std::pair<std::string, std::string>> header;  // HEADER name value
  std::optional<ModSeq> modseq;                               // CONDSTORE
  bool undeleted = false;
};
void encode(const UidSearch& command, Encoder& out);

}  // namespace postern::imap
