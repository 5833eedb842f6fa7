#pragma once

#include <cstddef>
#include <span>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

/// A two-way flow of octets: TCP, TLS over it, a pair in memory. At most one read and one write under way at a time;
/// the two may overlap. Lives on one loop's thread and outlives its operations. After an error only close() makes
/// sense.
class Stream {
 public:
  virtual ~Stream() = default;
  /// Reads at least one octet into `into`, which is not empty; 0 is an orderly end (for TLS: close_notify; a bare EOF
  /// there is an error, RFC 8446 §6.1).
  virtual Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) = 0;
  /// Writes all of `octets`, which must stay put until then. After an error the last of them was not handed to the
  /// system and never will be: who needs them all has not got them
  /// (DeflateStream cannot promise that).
  virtual Task<Result<void>> write_all(ByteView octets, Wait wait) = 0;
  /// Says that nothing more will be written (TCP FIN; TLS close_notify).
  virtual Task<Result<void>> shutdown(Wait wait) = 0;
  /// Closes at once; operations under way end with an error. Idempotent.
  virtual void close() = 0;
};

}  // namespace postern
