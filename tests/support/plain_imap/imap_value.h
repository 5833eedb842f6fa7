#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::testing {

/// An atom, a string (quoted or literal) or a list of such.
struct ImapValue {
  bool list = false;
  bool quoted = false;  // a string, quoted or literal: "NIL" in quotes is no NIL
  bool literal = false;
  std::string text;
  std::vector<ImapValue> items;
};

/// Reads the values of one response or command, literals in place, up to its end. "BODY[HEADER.FIELDS (A B)]<0>" is one
/// atom. Throws on what is no sequence of values.
std::vector<ImapValue> parse_imap_values(std::string_view response);

/// The value behind the atom `key` in a list of pairs, as in FETCH; throws when it is not there.
const ImapValue& value_of(const std::vector<ImapValue>& pairs, std::string_view key);

}  // namespace postern::testing
