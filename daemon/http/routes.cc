#include "daemon/http/routes.h"

namespace postern::daemon {

http::Response answer(const http::Request& request, const Pages& pages) {
  http::Response response;
  const bool known = request.path == "/metrics" || request.path == "/healthz" || request.path == "/readyz";
  if (!known) {
    response.status = 404;
    response.body = "there are /metrics, /healthz and /readyz\n";
  } else if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.allow = "GET, HEAD";
    response.body = "only GET and HEAD\n";
  } else if (request.path == "/metrics") {
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = pages.metrics();
  } else if (request.path == "/readyz") {
    const std::string reason = pages.not_ready();
    response.status = reason.empty() ? 200 : 503;
    response.body = reason.empty() ? "ready\n" : reason + "\n";
  } else {
    response.body = "alive\n";
  }
  return response;
}

}  // namespace postern::daemon
