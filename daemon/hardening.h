#pragma once

namespace postern::daemon {

/// Before anything secret is in memory: no core dumps, no tracing by other processes, files closed to others (umask
/// 077), and a closed pipe is an error of the write instead of a death.
void harden_process();

}  // namespace postern::daemon
