#pragma once

#include <chrono>
#include <cstdint>

namespace postern::stop_point {

/// For the tests that interrupt the program at each of its steps: a step is a durable write, or a command that changes
/// something at a server, before it and after it. Only in builds with POSTERN_STOP_POINTS, which no release has;
/// elsewhere these do nothing and read no environment. From any thread.
///
/// POSTERN_STOP_AT=k ends the process by SIGKILL at the k-th step, counted from 1. With POSTERN_STOP_HOW=cut it cuts
/// all connections instead, once.
void reached();

/// How often all connections have been cut: one that was made before the last time has to break.
std::uint64_t cuts();

/// What a wait of `usual` for a lost answer is to be: POSTERN_STOP_SETTLE_MS where it is set.
std::chrono::milliseconds settle(std::chrono::milliseconds usual);

}  // namespace postern::stop_point
