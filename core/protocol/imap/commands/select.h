#pragma once

#include <cstdint>
#include <optional>

#include "core/mail/mailbox_name.h"
#include "core/mail/uid.h"
#include "core/mail/uid_set.h"

namespace postern::imap {

class Encoder;

/// SELECT and EXAMINE (RFC 9051 §6.3.2), with RFC 7162's parameters.
struct Select {
  /// (QRESYNC (uidvalidity modseq known-uids)); needs ENABLE QRESYNC.
  struct Qresync {
    UidValidity uidvalidity;
    ModSeq modseq;
    UidSet known;  // empty: left out
  };
  MailboxName mailbox;
  bool read_only = true;   // EXAMINE
  bool condstore = false;  // (CONDSTORE)
  std::optional<Qresync> qresync;
};
void encode(const Select& command, Encoder& out);

}  // namespace postern::imap
