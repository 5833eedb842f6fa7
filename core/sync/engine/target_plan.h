#pragma once

#include "core/sync/engine/replay_jobs.h"
#include "core/sync/engine/target_work.h"

namespace postern::sync {

/// Which target mailbox each mailbox with something to do goes to.
struct TargetPlan {
  ReplayJobs jobs;
  bool complete = true;  // false: some mailbox has no place on the target; a person was told
};

/// Lists the target, renames what was renamed at the source, and maps the names: done once a pass, by its first
/// session, before any other begins.
Task<Result<TargetPlan>> plan_target(Context& context, Target& target, TargetWork& work);

}  // namespace postern::sync
