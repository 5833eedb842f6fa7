#include "daemon/http/admin_server.h"

#include <array>
#include <optional>
#include <utility>

#include "core/base/log.h"
#include "core/io/sleep.h"
#include "core/io/task_group.h"

namespace postern::daemon {

namespace {

using State = http::RequestParser::State;

constexpr auto kAcceptPause = std::chrono::milliseconds(200);
constexpr auto kRefusalTime = std::chrono::seconds(1);
constexpr std::size_t kMostDrained = 64 * 1024;

http::Response plain(unsigned status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// The answer to whatever comes within the wait; none when the peer has gone, or a stop was asked for.
Task<std::optional<http::Response>> read_and_answer(Stream& stream, const Pages& pages, Scheduler& scheduler,
                                                    bool& head, Wait wait) {
  http::RequestParser parser;
  std::array<char, 4096> buffer;
  for (;;) {
    const auto got = co_await stream.read_some(buffer, wait);
    if (!got) {
      const bool late = scheduler.now() >= wait.deadline && !wait.stop.stop_requested();
      co_return late ? std::optional(plain(408, "the request took too long\n")) : std::nullopt;
    }
    if (*got == 0) co_return std::nullopt;
    switch (parser.feed({buffer.data(), *got})) {
      case State::incomplete:
        break;
      case State::complete:
        head = parser.request().method == "HEAD";
        co_return answer(parser.request(), pages);
      case State::malformed:
        co_return plain(400, "this is no request without a body\n");
      case State::too_large:
        co_return plain(431, "the request is larger than 8 KiB\n");
    }
  }
}

Task<void> send_and_close(Stream& stream, http::Response response, bool head, Wait wait) {
  const Bytes octets = http::serialise(response, head);
  auto sent = co_await stream.write_all(octets, wait);
  if (sent) sent = co_await stream.shutdown(wait);
  // What the peer still had under way is taken in, so that it cannot turn our answer into a reset.
  std::array<char, 1024> rest;
  for (std::size_t drained = 0; sent && drained < kMostDrained;) {
    const auto more = co_await stream.read_some(rest, wait);
    if (!more || *more == 0) break;
    drained += *more;
  }
  stream.close();
}

Task<void> refuse(std::unique_ptr<Stream> stream, Wait wait) {
  co_await send_and_close(*stream, plain(503, "too many connections\n"), false, wait);
}

}  // namespace

Task<void> serve_connection(std::unique_ptr<Stream> stream, const Pages& pages, Scheduler& scheduler, HttpLimits limits,
                            Wait wait) {
  const MonotonicTime began = scheduler.now();
  bool head = false;
  auto response = co_await read_and_answer(*stream, pages, scheduler, head, wait.until(began + limits.header));
  if (!response) {
    stream->close();
    co_return;
  }
  co_await send_and_close(*stream, std::move(*response), head, wait.until(began + limits.total));
}

Task<void> serve_http(Loop& loop, TcpListener& listener, const Pages& pages, HttpLimits limits, Wait wait) {
  TaskGroup connections(loop);
  TaskGroup refusals(loop);
  while (!wait.stop.stop_requested()) {
    auto accepted = co_await listener.accept(wait);
    if (wait.stop.stop_requested()) break;
    if (!accepted) {
      log::warning("http: " + accepted.error().to_string());
      const auto paused = co_await sleep(loop, kAcceptPause, wait);  // out of descriptors: let some be given back
      if (!paused) break;
      continue;
    }
    if (connections.running() < limits.connections) {
      connections.spawn(serve_connection(std::move(*accepted), pages, loop, limits, wait));
    } else if (refusals.running() < limits.connections) {
      refusals.spawn(refuse(std::move(*accepted), wait.until(loop.now() + kRefusalTime)));
    }
  }
  co_await connections.join();
  co_await refusals.join();
}

}  // namespace postern::daemon
