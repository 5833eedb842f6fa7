#include "core/mail/mailbox_name.h"

#include <fmt/format.h>

#include "core/base/bytes.h"
#include "core/mail/modified_utf7.h"

namespace postern {
namespace {

constexpr std::string_view kInbox = "INBOX";

/// What no mailbox name may hold: each would end a line or a string somewhere.
bool has_forbidden(std::string_view text) { return text.find_first_of(std::string_view("\0\r\n", 3)) != text.npos; }

bool is_plain_utf8(std::string_view text) { return !has_forbidden(text) && is_valid_utf8(text); }

/// For a name in no known encoding. "&" and "\" are escaped too: it must not look like a decodable name's display.
/// Where
/// "\" is the delimiter, "=" does its work.
std::string display_undecodable(std::string_view wire, char delimiter) {
  const char introducer = delimiter == '\\' ? '=' : '\\';
  std::string out;
  for (const char c : wire) {
    const auto octet = static_cast<unsigned char>(c);
    const bool bad = octet < 0x20 || octet >= 0x7F || c == '&' || c == introducer;
    if (bad && !(c == delimiter && delimiter != '\0')) {
      out += fmt::format("{}x{:02x}", introducer, octet);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string display_of(std::string_view wire, char delimiter, bool utf8_on_wire) {
  if (utf8_on_wire) return is_plain_utf8(wire) ? std::string(wire) : display_undecodable(wire, delimiter);
  const auto decoded = decode_modified_utf7(wire);
  if (decoded && !has_forbidden(*decoded)) return *decoded;
  if (wire.find('&') == wire.npos && is_plain_utf8(wire)) return std::string(wire);
  return display_undecodable(wire, delimiter);
}

}  // namespace

MailboxName MailboxName::from_wire(std::string_view wire, char delimiter, bool utf8_on_wire) {
  if (ascii_iequals(wire, kInbox)) wire = kInbox;
  MailboxName name;
  name.wire_ = wire;
  name.display_ = display_of(wire, delimiter, utf8_on_wire);
  name.delimiter_ = delimiter;
  return name;
}

Result<MailboxName> MailboxName::from_utf8(std::string_view utf8, char delimiter, bool utf8_on_wire) {
  if (utf8.empty()) return fail(ErrorKind::usage, "a mailbox name cannot be empty");
  if (has_forbidden(utf8)) return fail(ErrorKind::usage, "a mailbox name cannot hold NUL, CR or LF");
  if (ascii_iequals(utf8, kInbox)) utf8 = kInbox;
  auto encoded = encode_modified_utf7(utf8);
  if (!encoded) return tl::unexpected(std::move(encoded).error());
  MailboxName name;
  name.wire_ = utf8_on_wire ? std::string(utf8) : *std::move(encoded);
  name.display_ = utf8;
  name.delimiter_ = delimiter;
  return name;
}

std::vector<std::string> MailboxName::components() const {
  std::vector<std::string> parts;
  std::string_view rest = display_;
  for (;;) {
    const std::size_t end = delimiter_ == '\0' ? rest.npos : rest.find(delimiter_);
    parts.emplace_back(rest.substr(0, end));
    if (end == rest.npos) return parts;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace postern
