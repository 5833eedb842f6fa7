#pragma once

namespace postern::daemon {

/// Before anything secret is in memory: no core dumps, no tracing by other processes, files closed to others (umask
/// 077). And as many open files as the system allows.
void harden_process();

}  // namespace postern::daemon
