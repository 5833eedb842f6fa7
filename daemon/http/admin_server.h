#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "core/io/loop.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/tcp.h"
#include "core/io/wait.h"
#include "daemon/http/routes.h"

namespace postern::daemon {

struct HttpLimits {
  std::size_t connections = 32;
  std::chrono::seconds header{10};  // from the connection's beginning to the end of the head
  std::chrono::seconds total{30};   // one connection in all
};

/// Reads one request from `stream`, answers it and closes. Ends within the limits whatever the peer does. `pages` and
/// `scheduler` must outlive it.
Task<void> serve_connection(std::unique_ptr<Stream> stream, const Pages& pages, Scheduler& scheduler, HttpLimits limits,
                            Wait wait);

/// Takes connections until the wait ends; above the limit a connection is told 503 at once. Joins what it began.
Task<void> serve_http(Loop& loop, TcpListener& listener, const Pages& pages, HttpLimits limits, Wait wait);

}  // namespace postern::daemon
