#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.h"
#include "core/protocol/mime/base64_lines.h"

namespace postern::mime {

/// How many octets a message has whose content has `content` octets: nothing when the runs do not fit into it, or the
/// sum is beyond 2^63.
std::optional<std::uint64_t> joined_size(const std::vector<Base64Run>& runs, std::uint64_t content);

/// Writes a message again from its content, which comes in pieces of any size, and its runs. Never fails: what the
/// content should have been is known by the message's digest alone.
class Joiner {
 public:
  /// The runs in order, each after `before` octets that stand for themselves.
  explicit Joiner(std::vector<Base64Run> runs);
  /// The octets that `content` becomes go behind what `out` holds.
  void add(ByteView content, Bytes& out);

 private:
  void add_encoded(ByteView& content, Bytes& out);

  const std::vector<Base64Run> runs_;
  std::size_t next_ = 0;    // of the runs: the one at hand, or that is still to come
  std::uint64_t seen_ = 0;  // octets of text since the run before, or of the run at hand once there is a writer
  std::optional<Base64Writer> writer_;
};

}  // namespace postern::mime
