#pragma once

#include <functional>
#include <string>

#include "core/protocol/http/request_parser.h"
#include "core/protocol/http/response.h"

namespace postern::daemon {

/// What the pages are made of.
struct Pages {
  std::function<std::string()> metrics;
  /// Empty when work can be done; else why not.
  std::function<std::string()> not_ready;
};

/// GET and HEAD of /metrics, /healthz, /readyz; nothing changes anything.
http::Response answer(const http::Request& request, const Pages& pages);

}  // namespace postern::daemon
