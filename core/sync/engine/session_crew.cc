#include "core/sync/engine/session_crew.h"

#include "core/base/log.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

constexpr int kFurtherInVain = 2;  // connections of a further session that brought nothing: then it is left

}  // namespace

SessionCrew::SessionCrew(Context& context, std::uint64_t salt)
    : stop_(context.wait.stop),
      enough_(stop_.token()),
      context_{context.options,
               context.vault,
               context.scheduler,
               context.progress,
               Wait{context.wait.deadline, stop_.token()},
               context.report,
               context.quarantine,
               context.reuse},
      salt_(salt),
      changed_(context.scheduler),
      further_(std::in_place, context.scheduler) {
  context_.own_flags = context.own_flags;
  context_.unsettled = context.unsettled;
}

Task<Result<void>> SessionCrew::run_sessions() {
  auto served = co_await serve();
  if (!served) stop_.request_stop();
  enough_.request_stop();
  co_await further_->join();
  if (further_error_) co_return fail(*further_error_);
  co_return served;
}

/// The first session and those that follow it after a cut.
Task<Result<void>> SessionCrew::serve() {
  Session own{Part::first, Reconnects(context_.options, context_.scheduler, salt_)};
  while (true) {
    const std::uint64_t before = own.progress;
    connecting();
    auto ended = co_await session(own);
    if (ended || verdict(ended.error()) != Verdict::reconnect) co_return ended;
    connecting();
    if (own.progress != before) own.reconnects.progressed();
    auto paused = co_await own.reconnects.pause(ended.error(), while_worth_it());
    if (all_done()) co_return {};  // by the others, meanwhile
    if (!paused) co_return paused;
  }
}

/// A session beside the first. It is done without when it cannot be had: the first goes on.
Task<void> SessionCrew::serve_further(std::uint64_t number) {
  Session own{Part::further, Reconnects(context_.options, context_.scheduler, salt_ + (number << 8))};
  int in_vain = 0;
  while (true) {
    const std::uint64_t before = own.progress;
    auto ended = co_await session(own);
    if (ended) co_return;
    const Error& error = ended.error();
    if (verdict(error) != Verdict::reconnect) {
      if (verdict(error) == Verdict::stop_pass && error.kind() != ErrorKind::cancelled && !further_error_) {
        further_error_ = error;
        stop_.request_stop();
      }
      co_return;
    }
    if (own.progress != before) {
      own.reconnects.progressed();
      in_vain = 0;
    } else if (error.kind() != ErrorKind::throttle && ++in_vain == kFurtherInVain) {
      log::info(context_.options.account +
                ": a further connection breaks again and again, the pass goes on without: " + error.to_string());
      co_return;
    }
    auto paused = co_await own.reconnects.pause(error, while_worth_it());
    if (!paused) co_return;
  }
}

void SessionCrew::recruit(unsigned wanted) {
  for (unsigned i = 1; i < wanted; ++i) further_->spawn(serve_further(i));
}

Result<void> SessionCrew::not_connected(const Session& own, Error error) const {
  if (all_done()) return {};  // by the others, meanwhile
  if (own.part == Part::first) return fail(std::move(error));
  log::info(context_.options.account +
            ": no further connection, the pass goes on with what stands: " + error.to_string());
  return {};
}

Task<Result<void>> SessionCrew::idle() {
  changed_.reset();
  auto changed = co_await changed_.wait(context_.wait, "waiting for the other connections");
  co_return changed;
}

}  // namespace postern::sync
