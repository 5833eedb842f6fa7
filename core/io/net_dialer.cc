#include "core/io/net_dialer.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/io/event.h"
#include "core/io/task_group.h"

namespace postern {
namespace {

constexpr std::size_t kMostAddresses = 4;
constexpr std::chrono::seconds kConnectLimit{15};
constexpr std::chrono::milliseconds kStagger{250};

/// The families take turns, beginning with the one the resolver prefers, so that one broken family costs one stagger.
std::vector<std::string> take_turns(const std::vector<std::string>& addresses) {
  const auto v6 = [](const std::string& ip) { return ip.find(':') != std::string::npos; };
  std::vector<std::string> first;
  std::vector<std::string> second;
  for (const auto& ip : addresses) (v6(ip) == v6(addresses.front()) ? first : second).push_back(ip);
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  all.resize(std::min(all.size(), kMostAddresses));
  return all;
}

/// Attempts to connect that run side by side; the first to succeed wins.
struct Race {
  Race(Loop& l, const StopToken& outer) : loop(l), stop(outer), changed(l), attempts(l) {}

  Task<void> attempt(SocketAddress to) {
    auto made = co_await TcpStream::connect(loop, to, {.deadline = loop.now() + kConnectLimit, .stop = stop.token()});
    --running;
    if (made && winner == nullptr) winner = std::move(*made);
    if (!made) failures += (failures.empty() ? "" : "; ") + to.ip + ": " + made.error().what();
    changed.set();
  }

  void start(const SocketAddress& to) {
    ++running;
    attempts.spawn(attempt(to));
  }

  /// Until there is a winner, nobody runs any more, or `wait` ends.
  Task<Result<void>> watch(Wait wait) {
    while (winner == nullptr && running > 0) {
      changed.reset();
      const Result<void> news = co_await changed.wait(wait, "connecting");
      if (!news) co_return fail(news.error());
    }
    co_return {};
  }

  Loop& loop;
  StopSource stop;
  Event changed;
  std::unique_ptr<TcpStream> winner;
  std::string failures;
  std::size_t running = 0;
  TaskGroup attempts;
};

std::string name_of(const Endpoint& endpoint) { return SocketAddress{endpoint.host, endpoint.port}.to_string(); }

}  // namespace

Task<Result<std::unique_ptr<TcpStream>>> NetDialer::connect(std::string host, std::uint16_t port, Wait wait) {
  const auto found = co_await resolver_.resolve(std::move(host), wait);
  if (!found) co_return fail(found.error());
  Race race(loop_, wait.stop);
  const std::vector<std::string> addresses = take_turns(*found);
  for (const auto& ip : addresses) {
    race.start({ip, port});
    const MonotonicTime next = loop_.now() + kStagger;
    const Result<void> raced = co_await race.watch(wait.until(next));
    if (race.winner != nullptr || wait.stop.stop_requested() || loop_.now() >= wait.deadline) break;
  }
  const Result<void> ended = co_await race.watch(wait);
  race.stop.request_stop();
  co_await race.attempts.join();
  if (race.winner != nullptr) co_return std::move(race.winner);
  if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped while connecting");
  if (!ended) co_return fail(ended.error());
  co_return fail(Error(ErrorKind::transient, race.failures).remedy("check host and port, and that the server runs"));
}

Task<Result<std::unique_ptr<Stream>>> NetDialer::dial(Endpoint endpoint, Wait wait) {
  const std::string name = name_of(endpoint);
  auto connected = co_await connect(endpoint.host, endpoint.port, wait);
  if (!connected) co_return fail(Error(connected.error()).at(name));
  std::unique_ptr<Stream> stream = std::move(*connected);
  if (endpoint.tls != TlsMode::implicit) co_return stream;
  co_return co_await secure(std::move(stream), std::move(endpoint), wait);
}

Task<Result<std::unique_ptr<Stream>>> NetDialer::secure(std::unique_ptr<Stream> clear, Endpoint endpoint, Wait wait) {
  const std::string name = name_of(endpoint);
  const auto authorities = trust(endpoint.ca_file);
  if (!authorities) co_return fail(Error(authorities.error()).at(name));
  TlsClientOptions options{.host = endpoint.host, .trust = *authorities, .sessions = &sessions_, .session_key = {}};
  options.session_key = name + "\n" + endpoint.ca_file;
  auto secured = co_await tls_connect(loop_, std::move(clear), std::move(options), wait);
  if (!secured) co_return fail(Error(secured.error()).at(name));
  co_return std::move(*secured);
}

Result<std::shared_ptr<const TlsTrust>> NetDialer::trust(const std::string& ca_file) {
  auto& known = trust_[ca_file];
  if (known == nullptr || known->outdated()) {
    auto loaded = TlsTrust::load(ca_file);
    if (!loaded) return fail(loaded.error());
    known = *loaded;
  }
  return known;
}

}  // namespace postern
