#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/imap/limits.h"
#include "core/protocol/imap/quirk.h"

namespace postern::imap {

/// Splits a server's octets into responses and the literals inside them, before any grammar is applied
/// (RFC 9051 §4.3), so that data can never be read as protocol. Each octet is looked at a fixed number of times,
/// whatever the segments it comes in. Holds at most Limits::response octets; a response that lies whole inside one fed
/// segment is not copied. Pure: no IO. Not thread-safe.
///
/// A response's octets are as on the wire, without the final CRLF: kept literals stand inside as "{n}" CRLF octets.
class Fragmenter {
 public:
  /// `quirks` must outlive this.
  Fragmenter(Limits limits, QuirkCounts& quirks) : limits_(limits), quirks_(quirks) {}

  /// A line ends in "{n}". The owner says what it is, by keep_literal(), stream_literal() or plain_text(), before
  /// next().
  struct Announced {
    ByteView octets;  // of the response since its start or since the last streamed literal, "{n}" included
    ByteView spec;    // between the braces
  };
  /// Octets of a streamed literal. A literal of size 0 is one empty piece with `last`.
  struct LiteralPiece {
    std::uint64_t offset = 0;
    ByteView octets;
    bool last = false;
  };
  /// The line is long and unfinished. The owner may take a prefix by consume(); else next() goes on collecting up to
  /// Limits::line.
  struct LongLine {
    ByteView octets;
  };
  /// A response is complete; `octets` is what came since the last streamed literal or consume().
  struct Complete {
    ByteView octets;
  };
  struct NeedInput {};
  using Fragment = std::variant<NeedInput, Complete, Announced, LiteralPiece, LongLine>;

  /// `octets` must stay put until next() gives NeedInput; feeding is allowed only then, or at the start.
  void feed(ByteView octets);
  /// Views inside a fragment end with the next call. After an error only destruction makes sense.
  Result<Fragment> next();

  Result<void> keep_literal(std::uint64_t size);
  Result<void> stream_literal(std::uint64_t size);
  void plain_text();
  /// Takes the first `count` octets of the LongLine just given.
  void consume(std::size_t count);

  void set_limits(const Limits& limits) { limits_ = limits; }
  void accept_bare_lf(bool accept) { accept_bare_lf_ = accept; }
  /// Fed and not yet given out.
  std::size_t unread() const { return input_.size() - pos_; }
  /// True between responses: nothing of the next one has been seen.
  bool at_start() const {
    return (given_ || (held_.empty() && start_ == pos_)) && state_ == State::text && !mid_response_;
  }
  /// Takes the unread octets away, for a layer that starts here (COMPRESS). Only at_start().
  ByteView take_unread();
  /// Octets looked at so far, for the tests of linear work.
  std::uint64_t work() const { return work_; }

 private:
  enum class State : std::uint8_t { text, long_line, announced, plain, kept, streamed, failed };
  ByteView current() const;
  void hold();
  void clear_current();
  void finish_given();
  Fragment next_streamed();
  Result<bool> next_kept();
  Result<std::optional<Fragment>> next_text();
  Result<Fragment> line_complete();
  Result<Fragment> complete(std::size_t octets);
  Result<Fragment> refuse(std::string what);

  Limits limits_;
  QuirkCounts& quirks_;
  bool accept_bare_lf_ = false;
  ByteView input_;
  std::size_t start_ = 0;        // of the current response's part inside input_
  std::size_t pos_ = 0;          // first octet of input_ not looked at
  Bytes held_;                   // the current response's octets of earlier segments
  std::size_t line_start_ = 0;   // of the current line inside current()
  std::size_t next_long_ = 0;    // line length at which LongLine is given next; 0: the first
  std::size_t line_octets_ = 0;  // of the announcing line's response, without its line end
  std::size_t dropped_ = 0;      // octets of this response already given out, for Limits::response
  std::size_t literals_ = 0;
  std::uint64_t literal_size_ = 0;
  std::uint64_t literal_done_ = 0;
  bool mid_response_ = false;
  bool given_ = false;  // current() went out as Complete: cleared by the next call
  State state_ = State::text;
  std::uint64_t work_ = 0;
};

/// The number in a literal's braces: 1*20DIGIT, at most 2^63-1 (RFC 9051 number64). No sign, blank or "+".
Result<std::uint64_t> parse_literal_size(ByteView spec);

}  // namespace postern::imap
