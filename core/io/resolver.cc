#include "core/io/resolver.h"

#include <ares.h>
#include <sys/time.h>
#include <uv.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/base/escape.h"
#include "core/io/socket_address.h"
#include "core/io/waiter.h"

namespace postern {
namespace {

constexpr std::chrono::seconds kLimit{10};
constexpr int kFirstTryMs = 2000;
constexpr int kTries = 3;

/// One question on a channel of its own: the system's configuration is read afresh, and destroying it is cancelling it.
class Question {
 public:
  Question(Loop& loop, const std::string& servers);
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question();

  Task<Result<std::vector<std::string>>> ask(std::string host, Wait wait);

 private:
  struct Watch {
    uv_poll_t poll{};
    ares_socket_t socket = ARES_SOCKET_BAD;
    Question* question = nullptr;
  };
  static void on_socket_state(void* self, ares_socket_t socket, int readable, int writable);
  static void on_answer(void* self, int status, int timeouts, ares_addrinfo* found);
  void watch(ares_socket_t socket, int events);
  void unwatch(ares_socket_t socket);
  void process(ares_socket_t readable, ares_socket_t writable);
  void arm();

  Loop& loop_;
  ares_channel channel_ = nullptr;
  int status_ = ARES_SUCCESS;
  std::unordered_map<ares_socket_t, Watch*> watches_;  // each frees itself when libuv has let go of it
  std::optional<TimerId> timer_;
  Waiter answered_;
  bool ending_ = false;
  std::vector<std::string> addresses_;
};

Question::Question(Loop& loop, const std::string& servers) : loop_(loop), answered_(loop) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  ares_options options{};
  options.sock_state_cb = on_socket_state;
  options.sock_state_cb_data = this;
  options.timeout = kFirstTryMs;
  options.tries = kTries;
  status_ = library != ARES_SUCCESS
                ? library
                : ares_init_options(&channel_, &options, ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
  if (status_ == ARES_SUCCESS && !servers.empty()) status_ = ares_set_servers_ports_csv(channel_, servers.c_str());
}

Question::~Question() {
  ending_ = true;
  if (timer_) loop_.cancel(*timer_);
  if (channel_ != nullptr) ares_destroy(channel_);  // calls on_answer() and on_socket_state()
  while (!watches_.empty()) unwatch(watches_.begin()->first);
}

void Question::on_socket_state(void* self, ares_socket_t socket, int readable, int writable) {
  auto& question = *static_cast<Question*>(self);
  const int events = (readable != 0 ? UV_READABLE : 0) | (writable != 0 ? UV_WRITABLE : 0);
  if (events == 0) {
    question.unwatch(socket);
  } else {
    question.watch(socket, events);
  }
}

void Question::watch(ares_socket_t socket, int events) {
  Watch*& watch = watches_[socket];
  if (watch == nullptr) {
    watch = new Watch{.socket = socket, .question = this};
    watch->poll.data = watch;
    if (uv_poll_init(loop_.native(), &watch->poll, socket) != 0) {
      delete watch;
      watches_.erase(socket);
      return;  // the question's deadline ends it
    }
  }
  uv_poll_start(&watch->poll, events, [](uv_poll_t* poll, int status, int happened) {
    const Watch& w = *static_cast<Watch*>(poll->data);
    const int now = status < 0 ? UV_READABLE | UV_WRITABLE : happened;
    w.question->process((now & UV_READABLE) != 0 ? w.socket : ARES_SOCKET_BAD,
                        (now & UV_WRITABLE) != 0 ? w.socket : ARES_SOCKET_BAD);
  });
}

void Question::unwatch(ares_socket_t socket) {
  const auto found = watches_.find(socket);
  if (found == watches_.end()) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&found->second->poll),
           [](uv_handle_t* poll) { delete static_cast<Watch*>(poll->data); });
  watches_.erase(found);
}

void Question::process(ares_socket_t readable, ares_socket_t writable) {
  ares_process_fd(channel_, readable, writable);
  arm();
}

void Question::arm() {
  if (timer_) loop_.cancel(*std::exchange(timer_, std::nullopt));
  timeval left{};
  if (ares_timeout(channel_, nullptr, &left) == nullptr) return;
  const auto delay = std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec);
  timer_ = loop_.call_at(loop_.now() + delay, [this] {
    timer_.reset();
    process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  });
}

void Question::on_answer(void* self, int status, int, ares_addrinfo* found) {
  auto& question = *static_cast<Question*>(self);
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owner(found, &ares_freeaddrinfo);
  if (question.ending_) return;
  question.status_ = status;
  for (const auto* node = found == nullptr ? nullptr : found->nodes; node != nullptr; node = node->ai_next) {
    NativeAddress native;
    native.length = std::min(static_cast<socklen_t>(node->ai_addrlen), static_cast<socklen_t>(sizeof native.storage));
    std::memcpy(&native.storage, node->ai_addr, native.length);
    question.addresses_.push_back(from_native(native).ip);
  }
  question.answered_.wake_soon();  // not now: c-ares is on the stack, and the sleeper destroys the channel
}

Error not_found(const std::string& host, int status) {
  const std::string name = "\"" + escape_for_people(host, 255) + "\"";
  switch (status) {
    case ARES_ENOTFOUND:
      // An answer, not a failure to answer: asking again in a moment gives the same.
      return Error(ErrorKind::transient, "there is no host named " + name).retry(Retry::never).remedy("check host");
    case ARES_ENODATA:
      return Error(ErrorKind::transient, "the name " + name + " has no address").remedy("check host");
    case ARES_EBADNAME:
      return Error(ErrorKind::config, name + " is not a host name").remedy("check host");
    default:
      return Error(ErrorKind::transient, "cannot look up " + name + ": " + ares_strerror(status))
          .remedy("check this machine's network and its name servers");
  }
}

Task<Result<std::vector<std::string>>> Question::ask(std::string host, Wait wait) {
  if (status_ != ARES_SUCCESS) co_return fail(not_found(host, status_));
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, on_answer, this);
  arm();
  const Wakeup wakeup = co_await answered_.wait(wait);
  const Result<void> came = to_result(wakeup, "looking up \"" + escape_for_people(host, 255) + "\"");
  if (!came) co_return fail(came.error());
  if (status_ == ARES_SUCCESS && addresses_.empty()) status_ = ARES_ENODATA;
  if (status_ != ARES_SUCCESS) co_return fail(not_found(host, status_));
  co_return std::move(addresses_);
}

}  // namespace

Task<Result<std::vector<std::string>>> DnsResolver::resolve(std::string host, Wait wait) {
  if (is_ip_literal(host)) co_return std::vector{std::move(host)};
  Question question(loop_, servers_);
  co_return co_await question.ask(std::move(host), wait.until(loop_.now() + kLimit));
}

}  // namespace postern
