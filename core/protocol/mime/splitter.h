#pragma once

// A message in the pieces that a store does well to keep apart, and back: what a base64 part decodes to costs its real
// size, compresses as what it is, and is shared by every message that carries it. Splitting is exact by construction:
// base64 is decoded line by line and only while encoding gives the same characters; all else stands for itself, so that
// no damage to the MIME structure can lose an octet. RFC 2045, RFC 2046 §5.1. Pure; linear in the message; memory is
// bounded whatever arrives (kLongestLine, kDeepest, kMostRuns).

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/protocol/mime/base64_lines.h"
#include "core/protocol/mime/part_header.h"

namespace postern::mime {

/// Nested multiparts whose delimiters are looked for; those inside of them are text.
inline constexpr std::size_t kDeepest = 16;
/// Runs of base64 a message; what follows is text.
inline constexpr std::size_t kMostRuns = 1000;

/// Takes what a Splitter makes of a message: its content, in order.
class SplitSink {
 public:
  virtual ~SplitSink() = default;
  /// Octets that stand for themselves. Seen only during the call, as all octets here.
  virtual void text(ByteView octets) = 0;
  /// The message's own header, its empty line included, is over.
  virtual void header_ended() = 0;
  /// A delimiter and the part's own header are over: the body of a part begins.
  virtual void part_began() = 0;
  /// A delimiter follows: the part before it, if there was one, is over.
  virtual void part_ended() = 0;
  /// Decoded octets of the run at hand; never none.
  virtual void base64(ByteView decoded) = 0;
  /// The run at hand is over: its octets and its layout, `before` not set.
  virtual void base64_ended(const Base64Run& run) = 0;
};

/// Splits one message. One thread at a time (any thread).
class Splitter {
 public:
  explicit Splitter(SplitSink& sink) : sink_(sink) {}
  /// The next octets, in pieces of any size: how a message is cut into them changes nothing but how often the sink is
  /// called.
  void add(ByteView octets);
  /// Call once, last.
  void finish();

 private:
  enum class In : std::uint8_t { header, part_header, body, base64_body };

  void line(ByteView line);
  void header_line(ByteView line);
  void body_begins();
  void base64_line(ByteView line);
  void end_run();
  bool delimiter(ByteView line);

  SplitSink& sink_;
  In in_ = In::header;
  PartHeader header_;                    // of the part at hand
  std::vector<std::string> boundaries_;  // of the open multiparts, the outermost first
  Base64Reader base64_;
  std::size_t runs_ = 0;
  Bytes decoded_;           // scratch
  Bytes held_;              // the beginning of a line whose end has not come, at most kLongestLine octets
  bool long_line_ = false;  // within a line that was too long to be held
};

}  // namespace postern::mime
