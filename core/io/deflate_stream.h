#pragma once

#include <cstddef>
#include <memory>

#include "core/base/bytes.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"

namespace postern {

/// Raw DEFLATE (RFC 1951) both ways over another stream: the layer that COMPRESS=DEFLATE puts under IMAP (RFC 4978).
/// Lives where the stream below lives, and owns it; `scheduler` outlives it.
///
/// Reading inflates no further than the caller's buffer, and reads from below only when all that came has been
/// inflated: whatever the other side sends, memory is that of one connection (about 250 KiB), and the loop's other work
/// has its turn after each megabyte. Each write_all() ends in a sync flush: the other side can read all of it. After
/// one that failed, the other side may have read all of it too: the flush is longer than what the last octet needs.
///
/// The other side's last block (BFINAL) is the end; what follows it is not read. Octets that are no DEFLATE are
/// ErrorKind::protocol; an end of the stream below in the middle of compressed data is transient, at a flush it is an
/// orderly end.
class DeflateStream final : public Stream {
 public:
  /// `received` was read from `lower` already and belongs to the compressed octets.
  DeflateStream(Scheduler& scheduler, std::unique_ptr<Stream> lower, Bytes received);
  ~DeflateStream() override;

  Task<Result<std::size_t>> read_some(std::span<char> into, Wait wait) override;
  Task<Result<void>> write_all(ByteView octets, Wait wait) override;
  Task<Result<void>> shutdown(Wait wait) override;
  void close() override;

 private:
  class Inflater;
  class Deflater;
  Task<Result<void>> let_others_go_first(Wait wait);

  Scheduler& scheduler_;
  std::unique_ptr<Stream> lower_;
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;
  std::size_t inflated_ = 0;  // since the loop's other work had its turn
  bool torn_ = false;         // a write has not come to its end: the other side may hold half a block
  bool closed_ = false;
};

}  // namespace postern
