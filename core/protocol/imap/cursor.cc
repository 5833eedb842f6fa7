#include "core/protocol/imap/cursor.h"

#include <algorithm>
#include <array>

#include "core/base/escape.h"
#include "core/protocol/imap/fragmenter.h"

namespace postern::imap {
namespace {

constexpr std::array<bool, 256> make_atom_chars() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x21; c < 0x7F; ++c) table[c] = true;
  for (const char c : {'(', ')', '{', ' ', '%', '*', '"', '\\', ']'}) table[static_cast<unsigned char>(c)] = false;
  return table;
}
constexpr auto kAtomChars = make_atom_chars();

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "{n}" CRLF at the front of `octets`: the length of that header and the size; {0, 0} when there is none.
struct LiteralHeader {
  std::size_t header = 0;  // without the line end
  std::uint64_t size = 0;
};
LiteralHeader literal_header(ByteView octets) {
  std::size_t at = !octets.empty() && octets.front() == '~' ? 1 : 0;  // literal8 (RFC 3516)
  if (octets.size() <= at || octets[at] != '{') return {};
  const auto close = octets.substr(0, 32).find('}', at);
  if (close == ByteView::npos) return {};
  const auto size = parse_literal_size(octets.substr(at + 1, close - at - 1));
  if (!size) return {};
  return {close + 1, *size};
}

}  // namespace

bool is_atom_char(char c) { return kAtomChars[static_cast<unsigned char>(c)]; }
bool is_astring_char(char c) { return is_atom_char(c) || c == ']'; }

bool Cursor::fail(std::string_view expected) {
  if (!failed_) {
    failed_ = true;
    expected_ = expected;
    failed_at_ = all_.size() - rest_.size();
  }
  return false;
}

Error Cursor::error(std::string_view rule) const {
  constexpr std::size_t kAround = 60;
  const std::size_t from = failed_at_ > kAround ? failed_at_ - kAround : 0;
  return Error(ErrorKind::protocol, std::string(rule) + ": " + std::string(expected_.empty() ? "grammar" : expected_) +
                                        " expected at octet " + std::to_string(failed_at_))
      .server_text(all_.substr(from, 2 * kAround));
}

void Cursor::skip_blanks(Quirk quirk) {
  if (peek() != ' ') return;
  quirks_.add(quirk);
  while (peek() == ' ') rest_.remove_prefix(1);
}

bool Cursor::take(char c) {
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

bool Cursor::take_word(std::string_view word) {
  if (!ascii_istarts_with(rest_, word)) return false;
  if (rest_.size() > word.size() && is_atom_char(rest_[word.size()])) return false;
  rest_.remove_prefix(word.size());
  return true;
}

bool Cursor::expect(char c) {
  if (take(c)) return true;
  switch (c) {
    case '(':
      return fail("\"(\"");
    case ')':
      return fail("\")\"");
    case ']':
      return fail("\"]\"");
    default:
      return fail("another character");
  }
}

bool Cursor::sp() {
  if (!take(' ')) return fail("SP");
  skip_blanks(Quirk::extra_space);
  return true;
}

bool Cursor::end() {
  skip_blanks(Quirk::trailing_space);
  return at_end() || fail("the end of the response");
}

bool Cursor::open() {
  if (!expect('(')) return false;
  skip_blanks(Quirk::extra_space);
  return true;
}

bool Cursor::close() {
  if (take(')')) return true;
  const auto blanks = rest_.find_first_not_of(' ');
  if (blanks == ByteView::npos || blanks == 0 || rest_[blanks] != ')') return false;
  quirks_.add(Quirk::extra_space);
  rest_.remove_prefix(blanks + 1);
  return true;
}

bool Cursor::atom(std::string_view& out) {
  std::size_t n = 0;
  while (n < rest_.size() && is_atom_char(rest_[n])) ++n;
  if (n == 0) return fail("atom");
  out = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return true;
}

bool Cursor::flag_token(std::string_view& out) {
  std::size_t n = 0;
  while (n < rest_.size() && rest_[n] != ' ' && rest_[n] != '(' && rest_[n] != ')' && rest_[n] != '{' &&
         rest_[n] != '"')
    ++n;
  if (n == 0) return fail("flag");
  out = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return true;
}

bool Cursor::quoted(std::string& out) {
  // quoted = DQUOTE *(QUOTED-CHAR) DQUOTE; 8-bit octets are UTF-8 in rev2 and common before it.
  rest_.remove_prefix(1);
  const auto plain = rest_.find_first_of("\"\\");
  if (plain == ByteView::npos) return fail("a closing quote");
  out.assign(rest_, 0, plain);
  rest_.remove_prefix(plain);
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      out.push_back(c);
      continue;
    }
    if (peek() != '"' && peek() != '\\') return fail("\\\" or \\\\");
    out.push_back(rest_.front());
    rest_.remove_prefix(1);
  }
  return fail("a closing quote");
}

bool Cursor::skip_quoted() {
  rest_.remove_prefix(1);
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return true;
    if (c == '\\' && !rest_.empty()) rest_.remove_prefix(1);
  }
  return fail("a closing quote");
}

bool Cursor::literal(ByteView& out) {
  // literal = "{" number64 "}" CRLF *CHAR8; literal8 has "~" before it.
  const auto [header, size] = literal_header(rest_);
  if (header == 0) return fail("literal");
  ByteView behind = rest_.substr(header);
  if (!behind.empty() && behind.front() == '\r') behind.remove_prefix(1);
  if (behind.empty() || behind.front() != '\n') return fail("a literal in another place");
  behind.remove_prefix(1);
  if (behind.size() < size) return fail("the whole literal");
  out = behind.substr(0, static_cast<std::size_t>(size));
  rest_ = behind.substr(static_cast<std::size_t>(size));
  return true;
}

bool Cursor::at_streamed_literal() const {
  const auto [header, size] = literal_header(rest_);
  return header != 0 && header == rest_.size();
}

bool Cursor::objectid(std::string& out) {
  constexpr std::size_t kLongest = 255;
  if (!open()) return false;
  // Octets of freed memory may hold a ")": the last one is followed by what goes on behind the id.
  std::size_t end = 0;
  const auto is_last = [&] {
    const char behind = end + 1 < rest_.size() ? rest_[end + 1] : ' ';
    return behind == ' ' || behind == ')' || behind == ']';
  };
  while (end < rest_.size() && (rest_[end] != ')' || !is_last())) ++end;
  if (end == rest_.size()) return fail("\")\"");
  const ByteView id = rest_.substr(0, end);
  const bool valid = !id.empty() && id.size() <= kLongest && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  out = valid ? std::string(id) : std::string();
  if (!valid) quirks_.add(Quirk::mailbox_id_invalid);
  advance(end);
  return take(')');
}

bool Cursor::streamed_literal(std::uint64_t& size) {
  const auto header = literal_header(rest_);
  if (header.header == 0 || header.header != rest_.size()) return fail("literal");
  size = header.size;
  rest_ = {};
  return true;
}

bool Cursor::string(std::string& out) {
  if (peek() == '"') return quoted(out);
  if (peek() == '{' || peek() == '~') {
    ByteView octets;
    if (!literal(octets)) return false;
    out = octets;
    return true;
  }
  return fail("string");
}

bool Cursor::astring(std::string& out) {
  std::size_t n = 0;
  while (n < rest_.size() && is_astring_char(rest_[n])) ++n;
  if (n == 0) return string(out) || fail("astring");
  out.assign(rest_, 0, n);
  rest_.remove_prefix(n);
  return true;
}

bool Cursor::take_nil() { return ascii_lower(peek()) == 'n' && take_word("NIL"); }

bool Cursor::nstring(std::optional<std::string>& out) {
  out.reset();
  if (take_nil()) return true;
  return string(out.emplace()) || fail("nstring");
}

bool Cursor::number64(std::uint64_t& out) {
  constexpr std::size_t kDigits = 20;
  std::size_t n = 0;
  std::uint64_t value = 0;
  for (; n < rest_.size() && is_digit(rest_[n]); ++n) {
    const auto digit = static_cast<std::uint64_t>(rest_[n] - '0');
    if (n == kDigits || value > (INT64_MAX - digit) / 10) return fail("a number of at most 2^63-1");
    value = value * 10 + digit;
  }
  if (n == 0) return fail("number");
  rest_.remove_prefix(n);
  out = value;
  return true;
}

bool Cursor::number32(std::uint32_t& out) {
  const ByteView before = rest_;
  std::uint64_t value = 0;
  if (!number64(value)) return false;
  if (value > UINT32_MAX) {
    rest_ = before;
    return fail("a number of at most 2^32-1");
  }
  out = static_cast<std::uint32_t>(value);
  return true;
}

bool Cursor::nz_number32(std::uint32_t& out) {
  const ByteView before = rest_;
  if (!number32(out)) return false;
  if (out != 0) return true;
  rest_ = before;
  return fail("a number above 0");
}

bool Cursor::skip_value() {
  std::size_t depth = 0;
  std::size_t elements = 0;
  do {
    if (++elements > limits_.list_elements) return fail("a shorter list");
    while (depth > 0 && peek() == ' ') rest_.remove_prefix(1);
    if (at_end()) return fail(depth == 0 ? "a value" : "\")\"");
    ByteView octets;
    std::string_view token;
    if (peek() == '(') {
      if (++depth > limits_.depth) return fail("fewer nested parentheses");
      rest_.remove_prefix(1);
    } else if (peek() == ')') {
      if (depth == 0) return fail("a value");
      --depth;
      rest_.remove_prefix(1);
    } else if (peek() == '"') {
      if (!skip_quoted()) return false;
    } else if (literal_header(rest_).header != 0) {
      if (!literal(octets)) return false;
    } else if (!flag_token(token)) {
      return false;
    }
  } while (depth > 0);
  return true;
}

}  // namespace postern::imap
