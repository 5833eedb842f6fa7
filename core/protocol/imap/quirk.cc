#include "core/protocol/imap/quirk.h"

#include <numeric>

namespace postern::imap {

std::string_view to_string(Quirk quirk) {
  switch (quirk) {
    case Quirk::bare_lf:
      return "bare_lf";
    case Quirk::bare_plus:
      return "bare_plus";
    case Quirk::missing_text:
      return "missing_text";
    case Quirk::trailing_space:
      return "trailing_space";
    case Quirk::extra_space:
      return "extra_space";
    case Quirk::illegal_flag:
      return "illegal_flag";
    case Quirk::too_many_flags:
      return "too_many_flags";
    case Quirk::internaldate_invalid:
      return "internaldate_invalid";
    case Quirk::size_nil:
      return "size_nil";
    case Quirk::modseq_zero:
      return "modseq_zero";
    case Quirk::uidvalidity_zero:
      return "uidvalidity_zero";
    case Quirk::uidnext_zero:
      return "uidnext_zero";
    case Quirk::mailbox_id_invalid:
      return "mailbox_id_invalid";
    case Quirk::empty_fetch:
      return "empty_fetch";
    case Quirk::vanished_star:
      return "vanished_star";
    case Quirk::unknown_response:
      return "unknown_response";
    case Quirk::unknown_fetch_item:
      return "unknown_fetch_item";
    case Quirk::unknown_code:
      return "unknown_code";
    case Quirk::malformed_code:
      return "malformed_code";
    case Quirk::malformed_quota:
      return "malformed_quota";
    case Quirk::code_out_of_place:
      return "code_out_of_place";
    case Quirk::unsolicited_data:
      return "unsolicited_data";
    case Quirk::unsolicited_body:
      return "unsolicited_body";
    case Quirk::uidonly_mixed:
      return "uidonly_mixed";
    case Quirk::extension_withdrawn:
      return "extension_withdrawn";
    case Quirk::count_:
      break;
  }
  return "unknown";
}

std::uint64_t QuirkCounts::total() const { return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}); }

}  // namespace postern::imap
