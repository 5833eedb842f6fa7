#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/digest.h"

namespace postern::storage {

/// A message's exact octets in pieces of at most 1 MiB, verified as they are read: the last piece is given out only
/// when the whole hashes to the digest, else the read fails with ErrorKind::store. One thread at a time; must not
/// outlive the vault.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const Digest& digest() const = 0;
  virtual std::uint64_t size() const = 0;
  /// The next piece; empty after the last.
  virtual Result<Bytes> next() = 0;
};

}  // namespace postern::storage
