#pragma once

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage/changes.h"

namespace postern::storage {

/// Cuts, hashes, compresses and writes a body that is too large to be held whole. Chunks are written as they fill; what
/// is abandoned stays unreferenced until it is collected. One thread at a time (any thread); must not outlive the
/// vault.
class BodySealer {
 public:
  virtual ~BodySealer() = default;
  /// The next octets, in pieces of any size. Blocks while the committer is behind.
  virtual Result<void> add(ByteView octets) = 0;
  /// Waits until every chunk is written. Call once, last.
  virtual Result<SealedBody> finish() = 0;
};

}  // namespace postern::storage
