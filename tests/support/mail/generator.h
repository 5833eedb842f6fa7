#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/mail/random.h"

namespace postern::testing {

enum class MailKind : std::uint8_t {
  plain,
  tiny,
  quoted_printable,
  multipart_attachment,  // MIME multipart with a base64 attachment
  eight_bit_headers,     // raw Latin-1 in the header block
  utf8_subject,          // encoded words and raw UTF-8
  empty_body,            // header block, blank line, nothing
  header_only,           // no blank line
  no_message_id,
  no_date,
  long_lines,       // beyond 998 octets
  looks_like_imap,  // lines like tagged responses and literals
  looks_like_mbox,  // "From " at line starts
  no_final_line_end,
  folded_headers,
};
inline constexpr MailKind kAllMailKinds[] = {MailKind::plain,
                                             MailKind::tiny,
                                             MailKind::quoted_printable,
                                             MailKind::multipart_attachment,
                                             MailKind::eight_bit_headers,
                                             MailKind::utf8_subject,
                                             MailKind::empty_body,
                                             MailKind::header_only,
                                             MailKind::no_message_id,
                                             MailKind::no_date,
                                             MailKind::long_lines,
                                             MailKind::looks_like_imap,
                                             MailKind::looks_like_mbox,
                                             MailKind::no_final_line_end,
                                             MailKind::folded_headers};

/// A message and the state it is to have on a server. Lines end in CRLF, no NUL, no bare CR or LF: octets that Dovecot
/// stores as they are.
struct GeneratedMail {
  Bytes octets;
  std::vector<std::string> flags;  // system flags and keywords; never \Deleted or \Recent
  std::int64_t unix_seconds = 0;   // INTERNALDATE, 1995 to 2024
  int zone_minutes = 0;
  std::string date_time() const;  // for APPEND, without quotes
};

/// Not thread-safe.
class MailGenerator {
 public:
  explicit MailGenerator(std::uint64_t seed) : random_(seed) {}

  GeneratedMail next() { return make(random_.pick(kAllMailKinds)); }
  GeneratedMail make(MailKind kind);
  /// A message of about `octets` octets, as people write them: text, now and then with HTML beside it.
  GeneratedMail everyday(std::size_t octets);
  /// A message with attachments of about `octets` octets together.
  GeneratedMail with_attachments(std::size_t octets) { return with_files(files(octets)); }
  /// One to three files of `octets` octets together, in base64, and a message that carries them.
  std::vector<std::string> files(std::size_t octets);
  GeneratedMail with_files(const std::vector<std::string>& files);
  Random& random() { return random_; }

 private:
  std::string header(std::string_view subject, bool message_id = true, bool date = true);
  std::string text(std::size_t octets);
  std::string base64(std::size_t octets);
  std::string part(std::string_view boundary, std::string_view type, std::string_view encoding, std::string_view body);
  std::string body_of(MailKind kind);
  GeneratedMail dressed(Bytes octets);

  Random random_;
  std::uint64_t serial_ = 0;
};

struct GeneratedMailbox {
  std::string name;  // UTF-8, "/" between levels
  std::vector<GeneratedMail> messages;
};

/// An account of `messages` messages over INBOX and mailboxes with nested, non-ASCII and awkward names. Among them
/// every kind of mail (when there are enough), identical copies in one mailbox and in two, and different messages with
/// one Message-ID.
std::vector<GeneratedMailbox> varied_account(std::uint64_t seed, std::size_t messages);

}  // namespace postern::testing
