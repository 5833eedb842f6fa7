#include "core/sync/engine/shared_fetch.h"

#include <utility>

#include "core/sync/planner/verdict.h"

namespace postern::sync {

Task<Result<void>> SharedFetch::join(Source& source, std::uint64_t& brought) {
  ++joined_;
  BodySink sink(context_, pipe_, mailbox_.id, mailbox_.uidvalidity, wanted_);
  auto done = co_await fetch(source, sink);
  sink.flush();
  arrived_ = arrived_.united(sink.arrived());
  brought += sink.arrived().size();
  const UidSet open = sink.asked().intersected(wanted_).without(sink.arrived());
  if (!done) left_behind_ = left_behind_.united(open);
  if (!done && is_cut(done.error())) {
    suspects_.cut(sink.asked().intersected(wanted_), sink.arrived(), context_.bodies);
  }
  if (--joined_ == 0) alone_.set();
  co_return done;
}

Task<Result<void>> SharedFetch::fetch(Source& source, BodySink& sink) {
  auto opened = co_await source.open(mailbox_.name, std::nullopt, UidSet(), context_.wait);
  if (!opened) {
    refused_ = verdict(opened.error()) == Verdict::skip_mailbox;
    co_return fail(opened.error());
  }
  refused_ = opened->status.uidvalidity != mailbox_.uidvalidity || opened->uid_not_sticky;
  if (refused_) co_return {};
  auto outcome = co_await source.fetch_from(*this, sink, context_.wait);
  if (!outcome) co_return fail(outcome.error());
  outcomes_.push_back(std::move(*outcome));
  co_return {};
}

Task<void> SharedFetch::end() {
  feed_ = UidSetFeed(UidSet());
  while (joined_ != 0) {
    alone_.reset();
    // Each that joined is bounded by its own waits.
    static_cast<void>(co_await alone_.wait(Wait{}, "waiting for the other connections"));
  }
}

}  // namespace postern::sync
