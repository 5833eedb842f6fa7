#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::imap {

/// What a server may make us hold and do, in octets unless said. Checked before memory is taken.
struct Limits {
  std::size_t line = 64 * 1024;        // one line of a response, without literals
  std::size_t literal = 64 * 1024;     // a literal that is kept in memory; message literals stream and have none
  std::size_t literals = 1'000;        // literals in one response
  std::size_t response = 1024 * 1024;  // one response, message literals and streamed sets not counted
  std::size_t depth = 32;              // nested parentheses
  std::size_t list_elements = 10'000;  // elements of one parenthesised list
  std::size_t flags = 200;             // flags of one message; more are dropped (Quirk::too_many_flags)
  std::size_t mailbox_flags = 2'000;   // FLAGS and PERMANENTFLAGS
  std::size_t flag_length = 255;
  std::size_t capabilities = 1'000;  // tokens of one CAPABILITY list
  std::size_t mailbox_name = 1'000;
  std::size_t set_ranges = 4'000'000;      // ranges of one SEARCH, ESEARCH or VANISHED answer, before merging
  std::size_t code = 4 * 1024;             // a response code that is not known, kept for people
  std::size_t text = 4 * 1024;             // of a response's human text; the rest is dropped
  std::size_t unsolicited = 10'000;        // untagged responses that no command asked for, between two tagged ones
  std::uint64_t literal_size = INT64_MAX;  // RFC 9051 number64

  /// Before authentication nothing big is legal.
  static Limits before_authentication() {
    Limits limits;
    limits.line = 16 * 1024;
    limits.literal = 4 * 1024;
    return limits;
  }
};

}  // namespace postern::imap
