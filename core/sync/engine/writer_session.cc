#include "core/sync/engine/writer_session.h"

#include <utility>

#include "core/sync/planner/verdict.h"

namespace postern::sync {

Task<Result<SourceWriter*>> WriterSession::connected() {
  while (!writer_) {
    if (broke_) {
      auto paused = co_await reconnects_.pause(*std::exchange(broke_, std::nullopt), context_.wait);
      if (!paused) co_return fail(paused.error());
    }
    auto writer = co_await source_.connect(context_.wait);
    if (writer) {
      writer_ = std::move(*writer);
      reconnects_.connected();
    } else if (verdict(writer.error()) == Verdict::reconnect) {
      broke_ = writer.error();
    } else {
      co_return fail(writer.error());
    }
  }
  co_return writer_.get();
}

Result<void> WriterSession::leave(Error error) {
  switch (verdict(error)) {
    case Verdict::skip_message:
    case Verdict::skip_mailbox:
      break;
    case Verdict::reconnect:
      if (!writer_) return fail(std::move(error));  // none was to be had
      drop();
      broke_ = error;
      break;
    case Verdict::stop_side:
    case Verdict::stop_pass:
      return fail(std::move(error));
  }
  context_.problem(std::move(error));
  return {};
}

Task<void> WriterSession::close() {
  if (!writer_) co_return;
  co_await writer_->close();
  drop();
}

void WriterSession::drop() {
  context_.report.source.commands += writer_->commands_sent();
  writer_.reset();
}

}  // namespace postern::sync
