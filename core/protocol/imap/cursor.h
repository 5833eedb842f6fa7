#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/imap/limits.h"
#include "core/protocol/imap/quirk.h"

namespace postern::imap {

/// Reads the terminals of IMAP's grammar (RFC 9051 §9) from one response's octets, as the Fragmenter gives them.
/// Reading functions return false when the octets do not fit; the first failure is remembered with its place. Never
/// looks behind the end, never recurses; octets outside literals hold no NUL, CR or LF.
class Cursor {
 public:
  /// All must outlive this.
  Cursor(ByteView octets, const Limits& limits, QuirkCounts& quirks)
      : rest_(octets), all_(octets), limits_(limits), quirks_(quirks) {}

  bool at_end() const { return rest_.empty(); }
  /// '\0' at the end.
  char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  ByteView rest() const { return rest_; }
  /// Skips `count` octets that the caller has looked at.
  void advance(std::size_t count) { rest_.remove_prefix(count); }
  const Limits& limits() const { return limits_; }
  QuirkCounts& quirks() { return quirks_; }

  bool take(char c);                      // takes it if it is there
  bool take_word(std::string_view word);  // without case; the octet behind is no atom character
  bool expect(char c);
  bool sp();     // SP, or more (Quirk::extra_space)
  bool end();    // the response's end; blanks before it are Quirk::trailing_space
  bool open();   // "(" and blanks behind it (quirk)
  bool close();  // takes ")" and blanks before it (quirk) if there; never fails

  /// 1*<any ATOM-CHAR except wildcards and specials>; empty and failed when there is none.
  bool atom(std::string_view& out);
  /// Like atom, with "]" and "\" allowed: flags and attributes are read by flag().
  bool astring(std::string& out);
  bool string(std::string& out);
  /// NIL gives nullopt.
  bool nstring(std::optional<std::string>& out);
  bool take_nil();
  /// "\" and atom, or atom; anything up to a blank or parenthesis, so that the caller can judge it.
  bool flag_token(std::string_view& out);

  bool number32(std::uint32_t& out);     // 0..2^32-1
  bool nz_number32(std::uint32_t& out);  // 1..2^32-1
  bool number64(std::uint64_t& out);     // 0..2^63-1, at most 20 digits

  /// "(" objectid ")" (RFC 8474 §7); empty when what stands there is none (Quirk::mailbox_id_invalid).
  bool objectid(std::string& out);

  /// Reads "{n}" at the very end: a literal that is streamed.
  bool streamed_literal(std::uint64_t& size);
  bool at_streamed_literal() const;

  /// Skips one value: atom, string, literal or a parenthesised list of such, depth and elements bounded.
  bool skip_value();

  bool failed() const { return failed_; }
  /// Remembers the first failure; always false.
  bool fail(std::string_view expected);
  /// What went wrong, for `rule`, with the octets around the place.
  Error error(std::string_view rule) const;

 private:
  bool literal(ByteView& out);
  bool quoted(std::string& out);
  bool skip_quoted();
  void skip_blanks(Quirk quirk);

  ByteView rest_;
  ByteView all_;
  const Limits& limits_;
  QuirkCounts& quirks_;
  bool failed_ = false;
  std::string_view expected_;
  std::size_t failed_at_ = 0;
};

/// RFC 9051 ATOM-CHAR.
bool is_atom_char(char c);
/// RFC 9051 ASTRING-CHAR: ATOM-CHAR and "]".
bool is_astring_char(char c);

}  // namespace postern::imap
