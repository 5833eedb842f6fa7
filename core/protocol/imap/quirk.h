#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace postern::imap {

/// Deviations from the grammar that are tolerated, each by name. Everything else that the grammar does not allow ends
/// the session. README.md says what each is and who does it.
enum class Quirk : std::uint8_t {
  bare_lf,               // lines that end in LF alone; only with SessionOptions::accept_bare_lf
  bare_plus,             // a continuation "+" without the space behind it
  missing_text,          // "A1 OK" without text
  trailing_space,        // a blank before CRLF
  extra_space,           // more than one blank, or one inside "( "
  illegal_flag,          // "\", "\*" in FETCH, 8-bit or over-long flags: dropped
  too_many_flags,        // beyond Limits::flags: dropped
  internaldate_invalid,  // no date, or NIL; FetchData::internal_date stays empty
  size_nil,              // RFC822.SIZE NIL
  modseq_zero,           // MODSEQ (0), read as not stated
  uidvalidity_zero,      // UIDVALIDITY 0, read as not stated
  uidnext_zero,          // UIDNEXT 0, read as not stated
  mailbox_id_invalid,    // MAILBOXID that is no objectid (RFC 8474 §7): read as not stated
  empty_fetch,           // "* 1 FETCH ()"
  vanished_star,         // VANISHED with "*": read as the largest UID
  unknown_response,      // an untagged response we do not know: skipped
  unknown_fetch_item,    // skipped
  unknown_code,          // a response code we do not know: kept as text
  malformed_code,        // a known code with arguments no grammar allows: ignored
  malformed_quota,       // QUOTA or QUOTAROOT that no grammar allows: read as not stated
  code_out_of_place,     // a code on a response that may not carry it: ignored
  unsolicited_data,      // data for which no command is waiting: delivered without a command, or dropped
  unsolicited_body,      // a message body nobody asked for: dropped
  uidonly_mixed,         // FETCH or EXPUNGE by number under UIDONLY, or UIDFETCH without it: read as what it says
  extension_withdrawn,   // BAD to a command of an advertised extension: not used again in this session
  count_,
};

std::string_view to_string(Quirk quirk);

/// How often each was met.
class QuirkCounts {
 public:
  void add(Quirk quirk) { ++counts_[static_cast<std::size_t>(quirk)]; }
  std::uint64_t operator[](Quirk quirk) const { return counts_[static_cast<std::size_t>(quirk)]; }
  std::uint64_t total() const;

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Quirk::count_)> counts_{};
};

}  // namespace postern::imap
