#include "core/sync/engine/reconnects.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {

Task<Result<void>> Reconnects::pause(Error why, Wait wait) {
  const bool throttled = why.kind() == ErrorKind::throttle;
  const int most = connected_ ? options_.reconnects : std::min(options_.reconnects, kFirstReconnects);
  if (throttled ? ++throttled_ > kThrottled : ++failures_ > most) co_return fail(std::move(why));
  Backoff& backoff = connected_ ? backoff_ : first_backoff_;
  const auto pause = std::max(asked_wait(why), backoff.next(throttled ? 0 : failures_ - 1));
  log::info(options_.account + ": " + why.to_string() + "; connecting again in " + std::to_string(pause.count()) +
            " ms");
  auto slept = co_await sleep(scheduler_, pause, wait);
  co_return slept;
}

}  // namespace postern::sync
