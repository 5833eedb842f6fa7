#pragma once

#include <chrono>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

/// Lets `duration` pass. Fails when `wait` ends first.
Task<Result<void>> sleep(Scheduler& scheduler, std::chrono::nanoseconds duration, Wait wait);

/// Lets everything that is ready run first: for long work on the loop.
Task<void> yield(Scheduler& scheduler);

}  // namespace postern
