#include "core/protocol/imap/encoder.h"

#include <algorithm>
#include <string>

#include "core/base/base64.h"
#include "core/protocol/imap/cursor.h"

namespace postern::imap {
namespace {

/// LITERAL- (RFC 7888 §5).
constexpr std::uint64_t kLiteralMinus = 4096;
/// Longer strings go as literals: RFC 9051 §4.3 lets a server limit quoted strings.
constexpr std::size_t kLongestQuoted = 1000;

bool is_atom(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_atom_char); }

/// An astring that nobody can take for something else: NIL is quoted, and so is what a sloppy server may not expect.
bool is_plain_astring(std::string_view text) {
  return is_atom(text) && !ascii_iequals(text, "NIL") && text.find_first_of("#&+~\"") == std::string_view::npos;
}

}  // namespace

Encoder::Encoder(std::string_view tag, LiteralForm literals, bool utf8) : literals_(literals), utf8_(utf8) {
  command_.segments.emplace_back();
  raw(tag).raw(" ");
}

Encoder& Encoder::raw(std::string_view text) {
  out().append(text);
  return *this;
}

void Encoder::refuse(ErrorKind kind, std::string_view what) {
  if (!error_) error_ = Error(kind, std::string(what));
}

Encoder& Encoder::atom(std::string_view name) {
  if (!is_atom(name)) refuse(ErrorKind::internal, "an argument that must be an IMAP atom is none");
  return raw(name);
}

Encoder& Encoder::number(std::uint64_t value) { return raw(std::to_string(value)); }

Encoder& Encoder::uids(const UidSet& set) {
  if (set.empty()) refuse(ErrorKind::internal, "an empty set of UIDs cannot be written");
  return raw(set.to_string());
}

Encoder& Encoder::page(const PartialRange& page) {
  if (page.first == 0 || page.last == 0) refuse(ErrorKind::internal, "a page of a result begins with 1");
  const std::string_view sign = page.from_end ? "-" : "";
  return raw(sign).number(page.first).raw(":").raw(sign).number(page.last);
}

void Encoder::literal_header(std::uint64_t size) {
  const bool at_once = literals_ == LiteralForm::plus || (literals_ == LiteralForm::minus && size <= kLiteralMinus);
  raw("{").number(size).raw(at_once ? "+}\r\n" : "}\r\n");
  command_.segments.back().await_go_ahead = !at_once;
}

Encoder& Encoder::string(std::string_view value) {
  if (value.find('\0') != std::string_view::npos) refuse(ErrorKind::message, "a NUL cannot be written in IMAP");
  const bool quotable = value.size() <= kLongestQuoted && std::all_of(value.begin(), value.end(), [&](char c) {
                          const auto octet = static_cast<unsigned char>(c);
                          return octet >= 0x20 && octet != 0x7F && (octet < 0x80 || utf8_);
                        });
  if (!quotable) {
    literal_header(value.size());
    if (command_.segments.back().await_go_ahead) command_.segments.emplace_back();
    return raw(value);
  }
  raw("\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') raw("\\");
    out().push_back(c);
  }
  return raw("\"");
}

Encoder& Encoder::astring(std::string_view value) { return is_plain_astring(value) ? raw(value) : string(value); }

Encoder& Encoder::secret_string(const Secret& value) {
  command_.secret = true;
  return string(value.reveal());
}

Encoder& Encoder::secret_base64(const Secret& octets) {
  command_.secret = true;
  if (octets.empty()) return raw("=");
  Bytes coded = base64_encode(octets.reveal());
  raw(coded);
  cleanse(coded);
  return *this;
}

Encoder& Encoder::mailbox(const MailboxName& name) {
  if (name.wire().find('\0') != std::string::npos)
    refuse(ErrorKind::permission, "a mailbox name with NUL cannot be written");
  return astring(name.wire());
}

Encoder& Encoder::flags(const FlagSet& flags) {
  raw("(");
  bool first = true;
  for (const std::string& flag : flags) {
    if (!is_valid_flag(flag)) refuse(ErrorKind::message, "a flag that IMAP cannot express");
    raw(first ? "" : " ").raw(flag);
    first = false;
  }
  return raw(")");
}

Encoder& Encoder::date_time(const InternalDate& date) { return raw("\"").raw(date.to_imap()).raw("\""); }

Encoder& Encoder::body(std::uint64_t size) {
  if (size > INT64_MAX) refuse(ErrorKind::message, "a message of more than 2^63-1 octets cannot be written");
  literal_header(size);
  command_.segments.back().body = size;
  command_.segments.emplace_back();
  return *this;
}

Result<EncodedCommand> Encoder::finish() && {
  if (error_) return fail(std::move(*error_));
  raw("\r\n");
  return std::move(command_);
}

}  // namespace postern::imap
