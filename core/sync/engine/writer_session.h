#pragma once

#include <memory>
#include <optional>

#include "core/sync/engine/context.h"
#include "core/sync/engine/reconnects.h"
#include "core/sync/source_writer.h"

namespace postern::sync {

/// The session over which flags are changed at a source: made when it is first needed, and again after a break, with
/// the waits of every other. A mailbox that breaks it is left for this pass, so that it keeps no other one waiting.
class WriterSession {
 public:
  WriterSession(Context& context, SourceWriterConnector& source)
      : context_(context), source_(source), reconnects_(context.options, context.scheduler, kSalt) {}

  /// The one that stands, or a new one. Fails, for the side, when none is to be had.
  Task<Result<SourceWriter*>> connected();
  /// A mailbox that was open in it has come to its end.
  void progressed() { reconnects_.progressed(); }
  /// What a mailbox met there is reported, and the others go on; the error again where they do not.
  Result<void> leave(Error error);
  Task<void> close();

 private:
  static constexpr std::uint64_t kSalt = 0x666c616773;

  void drop();

  Context& context_;
  SourceWriterConnector& source_;
  Reconnects reconnects_;
  std::unique_ptr<SourceWriter> writer_;
  std::optional<Error> broke_;  // and none was made since
};

}  // namespace postern::sync
