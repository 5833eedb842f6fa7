#include "core/sync/engine/reconnects.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {

Task<Result<void>> Reconnects::pause(Error why, Wait wait) {
  const bool throttled = why.kind() == ErrorKind::throttle;
  if (throttled ? ++throttled_ > kThrottled : ++failures_ > options_.reconnects) co_return fail(std::move(why));
  const auto pause = std::max(asked_wait(why), backoff_.next(throttled ? 0 : failures_ - 1));
  log::info(options_.account + ": " + why.to_string() + "; connecting again in " + std::to_string(pause.count()) +
            " ms");
  auto slept = co_await sleep(scheduler_, pause, wait);
  co_return slept;
}

}  // namespace postern::sync
