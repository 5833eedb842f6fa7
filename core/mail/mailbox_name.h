#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace postern {

/// A mailbox's name: UTF-8 for people and records, and the octets that the server calls it by. The wire octets decide
/// identity on that server; INBOX, in any case, is one mailbox and is spelled "INBOX" here (RFC 9051 §5.1).
class MailboxName {
 public:
  MailboxName() = default;

  /// From LIST: modified UTF-7, or raw UTF-8 where the session has UTF8=ACCEPT or IMAP4rev2. Elsewhere raw UTF-8 is
  /// read as what it is when the name has no "&". A name that is none of these is kept by its wire octets; its display
  /// has "&",
  /// "\", controls and 8-bit octets as "\xNN", and from_utf8(display()) then is another mailbox: keep the wire octets.
  /// `delimiter` is '\0' for NIL (flat).
  static MailboxName from_wire(std::string_view wire, char delimiter, bool utf8_on_wire = false);
  /// From a person or another server's tree. `utf8` must be valid UTF-8 without NUL, CR and LF, and not empty.
  static Result<MailboxName> from_utf8(std::string_view utf8, char delimiter, bool utf8_on_wire = false);

  const std::string& wire() const { return wire_; }
  /// What is shown and stored: UTF-8 with the server's own delimiter.
  const std::string& display() const { return display_; }
  char delimiter() const { return delimiter_; }
  bool is_inbox() const { return display_ == "INBOX"; }
  /// The display name cut at the delimiter; one component when there is none.
  std::vector<std::string> components() const;

  friend bool operator==(const MailboxName& a, const MailboxName& b) { return a.wire_ == b.wire_; }
  friend auto operator<=>(const MailboxName& a, const MailboxName& b) { return a.wire_ <=> b.wire_; }

 private:
  std::string wire_;
  std::string display_;
  char delimiter_ = '\0';
};

}  // namespace postern
