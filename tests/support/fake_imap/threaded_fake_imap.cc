#include "tests/support/fake_imap/threaded_fake_imap.h"

#include <stdexcept>
#include <utility>

#include "core/io/loop.h"
#include "core/io/task_group.h"
#include "core/io/tcp.h"
#include "tests/support/io/tls_server.h"

namespace postern::testing {
namespace {

struct Site {
  Loop& loop;
  FakeImapServer& server;
  TlsServer& tls;
};

Task<void> serve(Site& site, std::unique_ptr<Stream> stream, bool implicit_tls) {
  if (implicit_tls) {
    Result<std::unique_ptr<Stream>> secured = co_await site.tls.accept(site.loop, std::move(stream), Wait{});
    if (!secured) co_return;  // a client that does not like the certificate
    stream = std::move(*secured);
  }
  const FakeImapServer::Secure secure = [&site](std::unique_ptr<Stream> clear) {
    return site.tls.accept(site.loop, std::move(clear), Wait{});
  };
  co_await site.server.serve(site.loop, std::move(stream), implicit_tls ? FakeImapServer::Secure{} : secure);
}

Task<void> accept_all(Site& site, TcpListener& listener, bool implicit_tls, TaskGroup& connections, Wait wait) {
  for (;;) {
    Result<std::unique_ptr<TcpStream>> stream = co_await listener.accept(wait);
    if (!stream) co_return;
    connections.spawn(serve(site, std::move(*stream), implicit_tls));
  }
}

Task<void> accept_on_both(Site& site, TcpListener& clear, TcpListener& tls, Wait wait) {
  TaskGroup connections(site.loop);  // those still open end with it
  TaskGroup listeners(site.loop);
  listeners.spawn(accept_all(site, clear, false, connections, wait));
  listeners.spawn(accept_all(site, tls, true, connections, wait));
  co_await listeners.join();
}

std::unique_ptr<TcpListener> listen(Loop& loop) {
  auto listener = TcpListener::listen(loop, {.ip = "127.0.0.1", .port = 0});
  if (!listener) throw std::runtime_error(listener.error().to_string());
  return std::move(*listener);
}

}  // namespace

ThreadedFakeImap::ThreadedFakeImap(FakeImapOptions options)
    : server_(std::move(options)), loop_(std::make_unique<Loop>()) {
  std::promise<Ports> ready;
  std::future<Ports> ports = ready.get_future();
  thread_ = std::thread([this, promise = std::move(ready)]() mutable { run(std::move(promise)); });
  try {
    ports_ = ports.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

ThreadedFakeImap::~ThreadedFakeImap() {
  loop_->run_soon_from_any_thread([this] { stop_.request_stop(); });
  thread_.join();
}

void ThreadedFakeImap::run(std::promise<Ports> ready) {
  std::unique_ptr<TcpListener> clear, tls;
  try {
    clear = listen(*loop_);
    tls = listen(*loop_);
  } catch (...) {
    ready.set_exception(std::current_exception());
    return;
  }
  TlsServer tls_server(authority_.issue({.ip_addresses = {"127.0.0.1"}}));
  ready.set_value({clear->port(), tls->port()});
  Site site{*loop_, server_, tls_server};
  loop_->run(accept_on_both(site, *clear, *tls, Wait{.stop = stop_.token()}));
}

}  // namespace postern::testing
