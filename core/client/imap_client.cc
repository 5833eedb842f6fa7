#include "core/client/imap_client.h"

#include <algorithm>
#include <random>
#include <utility>
#include <variant>

#include "core/base/stop_point.h"
#include "core/io/deflate_stream.h"
#include "core/io/sleep.h"

namespace postern::client {
namespace {

constexpr std::size_t kWriteSlice = 64 * 1024;  // at the least rate allowed, what fits in one limit of silence

std::uint64_t unguessable() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

imap::SessionOptions options_for(const ImapSettings& settings) {
  imap::SessionOptions options;
  options.tag_seed = unguessable();
  // A clear line to a host that the configuration allows is as good as a secure one; STARTTLS is never optional.
  options.secure = settings.endpoint.tls != TlsMode::starttls;
  options.starttls_required = settings.endpoint.tls == TlsMode::starttls;
  options.disabled = settings.disabled;
  return options;
}

/// For stop points.
bool changes_the_server(const imap::Command& command) {
  return std::holds_alternative<imap::Append>(command) || std::holds_alternative<imap::UidStore>(command) ||
         std::holds_alternative<imap::Create>(command) || std::holds_alternative<imap::Delete>(command) ||
         std::holds_alternative<imap::Rename>(command) || std::holds_alternative<imap::Subscribe>(command) ||
         std::holds_alternative<imap::Unsubscribe>(command) || std::holds_alternative<imap::UidCopy>(command) ||
         std::holds_alternative<imap::UidMove>(command) || std::holds_alternative<imap::Expunge>(command) ||
         std::holds_alternative<imap::UidExpunge>(command);
}

bool needs_action(const imap::Event& event) {
  return std::holds_alternative<imap::Continuation>(event) || std::holds_alternative<imap::BodyWanted>(event) ||
         std::holds_alternative<imap::HandOver>(event);
}

/// One command and its reply.
class OneCommand final : public Conversation {
 public:
  OneCommand(imap::Command command, std::function<void(imap::Untagged&)> untagged)
      : fits_(std::holds_alternative<imap::List>(command) || std::holds_alternative<imap::NamespaceCommand>(command)),
        command_(std::move(command)),
        untagged_(std::move(untagged)) {}

  std::optional<imap::Command> next() override { return std::exchange(command_, std::nullopt); }
  bool fits_behind_enable() const override { return fits_; }
  void untagged(imap::Untagged& data) override {
    if (untagged_) untagged_(data);
  }
  Result<void> completed(imap::Tagged& tagged) override {
    tagged_ = std::move(tagged);
    return {};
  }
  imap::Tagged take() { return std::move(tagged_); }

 private:
  bool fits_;
  std::optional<imap::Command> command_;
  std::function<void(imap::Untagged&)> untagged_;
  imap::Tagged tagged_;
};

}  // namespace

ImapClient::ImapClient(Dialer& dialer, Scheduler& scheduler, ImapSettings settings, std::unique_ptr<Stream> stream)
    : dialer_(dialer),
      scheduler_(scheduler),
      settings_(std::move(settings)),
      stream_(std::move(stream)),
      session_(options_for(settings_)),
      pace_(settings_.timeouts) {}

ImapClient::~ImapClient() { close(); }

Task<Result<std::unique_ptr<ImapClient>>> ImapClient::connect(Dialer& dialer, Scheduler& scheduler,
                                                              ImapSettings settings, Wait wait) {
  auto stream = co_await dialer.dial(settings.endpoint, wait);
  if (!stream) co_return fail(std::move(stream.error()));
  std::unique_ptr<ImapClient> client(new ImapClient(dialer, scheduler, std::move(settings), std::move(*stream)));
  auto ready = co_await client->log_in(wait);
  if (!ready) {
    client->close();
    co_return fail(std::move(ready.error()));
  }
  co_return std::move(client);
}

tl::unexpected<Error> ImapClient::broken(Error error) {
  if (!broken_) {
    broken_ = farewell_ && error.kind() != ErrorKind::cancelled ? *farewell_ : std::move(error);
    broken_->at(settings_.endpoint.host);
    if (stream_) stream_->close();  // none when TLS failed on it
  }
  return fail(*broken_);
}

Task<Result<void>> ImapClient::run(Conversation& conversation, Wait wait) {
  if (!std::exchange(introduced_, true)) return introduce(conversation, std::move(wait));
  return run_alone(conversation, std::move(wait));
}

Task<Result<void>> ImapClient::run_alone(Conversation& conversation, Wait wait) {
  if (broken_) co_return fail(*broken_);
  failed_.reset();
  exhausted_ = false;
  pace_.restart();
  for (;;) {
    auto filled = co_await fill(conversation, wait);
    if (!filled) co_return filled;
    auto dispatched = co_await dispatch(conversation, wait);
    if (!dispatched) co_return dispatched;
    auto flushed = co_await flush(wait);
    if (!flushed) co_return flushed;
    if (sent_.empty()) {
      if (exhausted_ || failed_) break;
      continue;
    }
    auto roomy = co_await conversation.room(wait);
    if (!roomy) co_return broken(std::move(roomy.error()));
    auto came = co_await read(wait);
    if (!came) co_return came;
    dispatched = co_await dispatch(conversation, wait);
    if (!dispatched) co_return dispatched;
  }
  if (failed_) co_return fail(*std::exchange(failed_, std::nullopt));
  co_return Result<void>();
}

Task<Result<imap::Tagged>> ImapClient::execute(imap::Command command, std::function<void(imap::Untagged&)> untagged,
                                               Wait wait) {
  OneCommand conversation(std::move(command), std::move(untagged));
  auto ran = co_await run(conversation, wait);
  if (!ran) co_return fail(std::move(ran.error()));
  co_return conversation.take();
}

bool ImapClient::may_send(const Conversation& conversation) const {
  return !exhausted_ && !failed_ && sent_.size() < std::min(conversation.window(), settings_.pipeline_commands) &&
         sent_octets_ < settings_.pipeline_octets;
}

Task<Result<void>> ImapClient::fill(Conversation& conversation, Wait wait) {
  while (may_send(conversation)) {
    const MonotonicTime now = scheduler_.now();
    if (throttle_.not_before() > now) {
      if (!sent_.empty()) break;
      auto slept = co_await sleep(scheduler_, throttle_.not_before() - now, wait);
      if (!slept) co_return broken(std::move(slept.error()));
    }
    auto command = conversation.next();
    if (!command) {
      exhausted_ = true;
      break;
    }
    const std::size_t before = session_.output().size();
    const bool changes = changes_the_server(*command);
    if (changes) stop_point::reached();
    auto id = session_.enqueue(std::move(*command));
    if (!id) {
      auto tolerated = conversation.refused(std::move(id.error()));
      if (!tolerated) failed_ = std::move(tolerated.error());
      continue;
    }
    const std::size_t octets = session_.output().size() - before;
    sent_.push_back({*id, octets});
    if (changes) changing_ = *id;
    sent_octets_ += octets;
    conversation.sent(*id);
  }
  co_return Result<void>();
}

Task<Result<void>> ImapClient::dispatch(Conversation& conversation, Wait wait) {
  while (auto event = session_.next_event()) {
    if (needs_action(*event)) {
      auto acted = co_await conversation.act(std::move(*event), wait);
      if (!acted) co_return broken(std::move(acted.error()));
      continue;
    }
    auto taken = take(conversation, *event);
    if (!taken) co_return taken;
  }
  if (farewell_ && !sent_.empty()) co_return broken(*farewell_);
  co_return Result<void>();
}

Result<void> ImapClient::take(Conversation& conversation, imap::Event& event) {
  if (auto* chunk = std::get_if<imap::LiteralChunk>(&event)) {
    in_body_ = !chunk->last;
    conversation.literal(*chunk);
  } else if (auto* fetched = std::get_if<imap::Fetched>(&event)) {
    in_body_ = false;
    conversation.fetched(*fetched);
  } else if (auto* untagged = std::get_if<imap::Untagged>(&event)) {
    conversation.untagged(*untagged);
  } else if (auto* tagged = std::get_if<imap::Tagged>(&event)) {
    take(conversation, *tagged);
  } else if (std::holds_alternative<imap::Greeting>(event)) {
    greeted_ = true;
  } else if (auto* bye = std::get_if<imap::Bye>(&event)) {
    if (bye->error && !farewell_) farewell_ = std::move(*bye->error);
  } else if (auto* fatal = std::get_if<imap::Fatal>(&event)) {
    return broken(std::move(fatal->error));
  } else if (std::holds_alternative<imap::Closed>(event)) {
    return broken(Error(ErrorKind::transient, "the connection is closed"));
  }
  return {};
}

void ImapClient::take(Conversation& conversation, imap::Tagged& tagged) {
  const auto sent =
      std::find_if(sent_.begin(), sent_.end(), [&](const Sent& command) { return command.id == tagged.command; });
  if (sent != sent_.end()) {
    sent_octets_ -= sent->octets;
    sent_.erase(sent);
  }
  pace_.restart();
  throttle_.completed(scheduler_.now(), tagged.wants_patience);
  auto verdict = conversation.completed(tagged);
  if (!verdict && !failed_) failed_ = std::move(verdict.error());
}

Task<Result<void>> ImapClient::read(Wait wait) {
  if (changing_ && session_.fully_written(*changing_)) {
    changing_.reset();
    stop_point::reached();
  }
  if (auto whole = not_cut(); !whole) co_return whole;
  const MonotonicTime limit = pace_.waiting(scheduler_.now(), in_body_);
  auto got = co_await stream_->read_some(buffer_.next(), wait.until(limit));
  if (!got) {
    const bool silent = limit <= wait.deadline && scheduler_.now() >= limit;
    const bool stopped = got.error().kind() == ErrorKind::cancelled;
    co_return broken(silent && !stopped ? pace_.silent() : std::move(got.error()));
  }
  if (*got == 0) {
    session_.end_of_input();
    co_return Result<void>();
  }
  buffer_.got(*got);
  auto verdict = pace_.received(scheduler_.now(), *got);
  if (!verdict) co_return broken(std::move(verdict.error()));
  session_.feed(ByteView(buffer_.data(), *got));
  co_return Result<void>();
}

Result<void> ImapClient::not_cut() {
  if (cuts_ == stop_point::cuts()) return {};
  return broken(Error(ErrorKind::transient, "the connection was cut at a stop point"));
}

Task<Result<void>> ImapClient::flush(Wait wait) {
  if (broken_) co_return fail(*broken_);
  if (auto whole = not_cut(); !whole) co_return whole;
  while (!session_.output().empty()) {
    const ByteView slice = session_.output().substr(0, kWriteSlice);
    auto written = co_await stream_->write_all(slice, wait.until(scheduler_.now() + settings_.timeouts.silence));
    // A failed write has not handed over its last octet (Stream::write_all): the command that it belongs to is not
    // fully_written(). Those in front of it may be. Compressed octets may have gone, every one of them.
    if (!written) session_.consume_output(slice.size() - (compressed_ ? 0 : 1));
    if (!written) co_return broken(std::move(written.error()));
    session_.consume_output(slice.size());
  }
  co_return Result<void>();
}

Task<Result<void>> ImapClient::put_on_tls(Wait wait) {
  auto secured = co_await dialer_.secure(std::move(stream_), settings_.endpoint, wait);
  if (!secured) {  // the stream has gone with the handshake
    broken_ = std::move(secured.error());
    co_return fail(*broken_);
  }
  stream_ = std::move(*secured);
  session_.handed_over();
  co_return Result<void>();
}

Task<Result<void>> ImapClient::put_on_deflate() {
  stream_ = std::make_unique<DeflateStream>(scheduler_, std::move(stream_), session_.take_unread());
  compressed_ = true;
  session_.handed_over();
  co_return Result<void>();
}

Task<void> ImapClient::logout() {
  introduced_ = true;
  if (!broken_) {
    const Wait wait{.deadline = scheduler_.now() + settings_.timeouts.logout, .stop = {}};
    // Whatever it answers, the connection ends here.
    static_cast<void>(co_await execute(imap::Logout{}, {}, wait));
  }
  close();
}

void ImapClient::close() {
  if (stream_) stream_->close();
  if (!broken_) broken_ = Error(ErrorKind::transient, "the connection is closed");
}

}  // namespace postern::client
