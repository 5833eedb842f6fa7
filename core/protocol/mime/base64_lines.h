#pragma once

// Base64 as mail carries it (RFC 2045 §6.8), decoded so that encoding again gives the same characters: lines of one
// length and one line end, canonical digits and padding. Pure.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace postern::mime {

/// Characters of the longest line that is decoded (RFC 5322 §2.1.1 allows 998), a multiple of four.
inline constexpr std::size_t kLongestBase64Line = 996;

/// How a run of base64 is laid out.
struct Base64Layout {
  std::uint16_t line = 0;      // characters of each line but the last, a multiple of 4; the last has at most as many
  bool crlf = false;           // lines end in CRLF, else in LF
  bool last_line_ends = true;  // the last line has its line end too
  friend bool operator==(const Base64Layout&, const Base64Layout&) = default;
};

/// Decoded octets that stand for base64, somewhere in the octets that a message was split into.
struct Base64Run {
  std::uint64_t before = 0;  // octets since the last run that stand for themselves
  std::uint64_t octets = 0;  // decoded, at least one
  Base64Layout layout;
  friend bool operator==(const Base64Run&, const Base64Run&) = default;
};

/// Whether a layout is one that a reader makes.
bool valid(const Base64Layout& layout);
/// How many characters, line ends included, `octets` decoded octets become; nothing if that is beyond 2^63.
std::optional<std::uint64_t> encoded_size(const Base64Layout& layout, std::uint64_t octets);

/// Reads lines as long as they make one run.
class Base64Reader {
 public:
  enum class Line : std::uint8_t {
    taken,      // decoded; the run goes on
    last,       // decoded; the run ends with it
    not_of_it,  // nothing was taken: the run, if there was one, ended before
  };
  /// A whole line with its line end, or the rest of the message without; its octets go behind what `out` holds.
  Line add(ByteView line, Bytes& out);
  /// Whether a run is open.
  bool open() const { return octets_ > 0; }
  /// The run that ends here: octets and layout. Begins anew.
  Base64Run finish();

 private:
  Base64Layout layout_;
  std::uint64_t octets_ = 0;
};

/// Writes a run: the characters of the octets handed over, line ends included, behind what `out` holds.
class Base64Writer {
 public:
  explicit Base64Writer(const Base64Layout& layout) : layout_(layout) {}
  void add(ByteView octets, Bytes& out);
  void finish(Bytes& out);

 private:
  void put(std::string_view characters, Bytes& out);

  const Base64Layout layout_;
  Bytes held_;              // of a group, at most two octets between calls
  std::string characters_;  // scratch
  std::size_t column_ = 0;  // characters of the line at hand
};

}  // namespace postern::mime
