// From the greeting to the authenticated state (RFC 9051 §3). Nothing here falls back to something weaker: a line that
// was to be protected is protected, or the login fails.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/client/imap_client.h"
#include "core/io/worker_pool.h"
#include "core/protocol/sasl/plain.h"
#include "core/protocol/sasl/scram.h"

namespace postern::client {
namespace {

/// Nothing is sent: for hearing the greeting.
class Listening final : public Conversation {
 public:
  std::optional<imap::Command> next() override { return std::nullopt; }
  Result<void> completed(imap::Tagged&) override { return {}; }
};

class StartingTls final : public Conversation {
 public:
  explicit StartingTls(ImapClient& client) : client_(client) {}

  std::optional<imap::Command> next() override {
    if (std::exchange(sent_, true)) return std::nullopt;
    return imap::StartTls{};
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.status == imap::Status::ok) return {};
    return fail(Error(ErrorKind::security, "the server refused STARTTLS")
                    .server_text(tagged.text)
                    .remedy("use tls: implicit, or have STARTTLS enabled on the server"));
  }
  Task<Result<void>> act(imap::Event event, Wait wait) override {
    if (!std::holds_alternative<imap::HandOver>(event)) return Conversation::act(std::move(event), wait);
    return client_.put_on_tls(wait);
  }

 private:
  ImapClient& client_;
  bool sent_ = false;
};

/// COMPRESS DEFLATE; a refusal changes nothing. Only after the login, so that nobody learns a password by how well it
/// compresses (RFC 4978 §6), and alone: what was pipelined beside it would straddle the switch.
class Compressing final : public Conversation {
 public:
  explicit Compressing(ImapClient& client) : client_(client) {}

  std::optional<imap::Command> next() override {
    if (std::exchange(sent_, true)) return std::nullopt;
    return imap::CompressDeflate{};
  }
  Result<void> completed(imap::Tagged&) override { return {}; }
  Task<Result<void>> act(imap::Event event, Wait wait) override {
    if (!std::holds_alternative<imap::HandOver>(event)) return Conversation::act(std::move(event), wait);
    return client_.put_on_deflate();
  }

 private:
  ImapClient& client_;
  bool sent_ = false;
};

/// AUTHENTICATE with one mechanism.
class Authenticating final : public Conversation {
 public:
  Authenticating(ImapClient& client, std::unique_ptr<sasl::Mechanism> mechanism)
      : client_(client), mechanism_(std::move(mechanism)) {}

  std::optional<imap::Command> next() override {
    if (std::exchange(sent_, true)) return std::nullopt;
    imap::Authenticate command{std::string(mechanism_->name()), std::nullopt};
    if (client_.has("SASL-IR")) {
      auto initial = mechanism_->initial_response();
      if (!initial) {
        own_error_ = std::move(initial.error());
        return std::nullopt;
      }
      command.initial = std::move(*initial);
      started_ = true;
    }
    return command;
  }

  Task<Result<void>> act(imap::Event event, Wait wait) override {
    auto* continuation = std::get_if<imap::Continuation>(&event);
    if (continuation == nullptr) return Conversation::act(std::move(event), wait);
    return answer(std::move(continuation->challenge), wait);
  }

  Result<void> completed(imap::Tagged& tagged) override {
    tagged_ = std::move(tagged);
    return {};
  }

  /// The server's verdict, unless the mechanism has its own.
  Result<imap::Tagged> verdict() {
    if (own_error_) return fail(*own_error_);
    if (tagged_.status == imap::Status::ok && !mechanism_->verified()) {
      return fail(Error(ErrorKind::security, "the server said OK without proving that it knows the password")
                      .remedy("check that the host is the right one"));
    }
    return std::move(tagged_);
  }

 private:
  Task<Result<void>> answer(Bytes challenge, Wait wait) {
    auto response = std::exchange(started_, true) ? co_await respond(std::move(challenge), client_.settings().workers)
                                                  : mechanism_->initial_response();
    Result<void> said;
    if (response) {
      said = client_.session().respond(*response);
    } else {
      own_error_ = std::move(response.error());
      said = client_.session().cancel_authentication();
    }
    if (!said) co_return said;
    co_return co_await client_.flush(wait);
  }

  /// SCRAM hashes as often as the server says: not on the loop, which others share.
  Task<Result<Secret>> respond(Bytes challenge, Workers* workers) {
    if (workers == nullptr) co_return mechanism_->respond(challenge);
    co_return co_await run_on(*workers, client_.scheduler(), [mechanism = mechanism_, said = std::move(challenge)] {
      return mechanism->respond(said);
    });
  }

  ImapClient& client_;
  std::shared_ptr<sasl::Mechanism> mechanism_;  // a worker's too, should this end meanwhile
  imap::Tagged tagged_;
  std::optional<Error> own_error_;
  bool sent_ = false;
  bool started_ = false;
};

/// ID and ENABLE in one go, and behind them, when it fits there, what a conversation has to say: that hears nothing of
/// the two, whose refusals change nothing.
class Introducing final : public Conversation {
 public:
  Introducing(const ImapClient& client, Conversation* behind) : behind_(behind) {
    if (client.has("ENABLE")) {
      imap::Enable enable;
      if (client.has("QRESYNC")) {
        enable.names.emplace_back("QRESYNC");
      } else if (client.has("CONDSTORE")) {
        enable.names.emplace_back("CONDSTORE");
      }
      if (client.has("UIDONLY")) enable.names.emplace_back("UIDONLY");
      if (client.has("UTF8=ONLY")) enable.names.emplace_back("UTF8=ACCEPT");
      if (!enable.names.empty()) commands_.emplace_back(std::move(enable));
    }
    if (client.has("ID")) commands_.emplace_back(imap::Id{{{"name", "Postern"}}});
  }

  std::optional<imap::Command> next() override {
    own_ = !commands_.empty();
    if (!own_) return behind_ != nullptr ? behind_->next() : std::nullopt;
    imap::Command command = std::move(commands_.back());
    commands_.pop_back();
    enabling_ = std::holds_alternative<imap::Enable>(command);
    return command;
  }
  void sent(imap::CommandId id) override {
    if (!own_) return behind_->sent(id);
    ours_.push_back(id);
    if (enabling_) enable_ = id;
  }
  Result<void> refused(Error error) override {
    return own_ ? Conversation::refused(std::move(error)) : behind_->refused(std::move(error));
  }
  std::size_t window() const override { return behind_ != nullptr ? behind_->window() : Conversation::window(); }
  void untagged(imap::Untagged& data) override {
    if (behind_ != nullptr && !is_ours(data.command)) behind_->untagged(data);
  }
  void literal(const imap::LiteralChunk& chunk) override {
    if (behind_ != nullptr) behind_->literal(chunk);
  }
  void fetched(imap::Fetched& fetched) override {
    if (behind_ != nullptr) behind_->fetched(fetched);
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (!is_ours(tagged.command)) return behind_->completed(tagged);
    if (tagged.command == enable_ && tagged.status == imap::Status::ok) enabled_ = true;
    return {};
  }
  Task<Result<void>> act(imap::Event event, Wait wait) override {
    if (behind_ != nullptr) return behind_->act(std::move(event), std::move(wait));
    return Conversation::act(std::move(event), std::move(wait));
  }
  Task<Result<void>> room(Wait wait) override {
    if (behind_ != nullptr) return behind_->room(std::move(wait));
    return Conversation::room(std::move(wait));
  }
  bool enabled() const { return enabled_; }

 private:
  bool is_ours(imap::CommandId id) const { return std::find(ours_.begin(), ours_.end(), id) != ours_.end(); }

  Conversation* behind_;                 // may be null
  std::vector<imap::Command> commands_;  // the last one first
  std::vector<imap::CommandId> ours_;
  imap::CommandId enable_;
  bool own_ = false;  // next() gave one of commands_
  bool enabling_ = false;
  bool enabled_ = false;
};

}  // namespace

Task<Result<void>> ImapClient::log_in(Wait wait) {
  auto done = co_await greet(wait);
  if (done && settings_.endpoint.tls == TlsMode::starttls) done = co_await secure_line(wait);
  if (done) done = co_await ask_capabilities(wait);
  if (done && session_.state() == imap::State::not_authenticated) {
    done = co_await authenticate(wait);
    if (done) done = co_await ask_capabilities(wait);
  }
  if (done) done = co_await compress(wait);
  if (done && settings_.introduce_with_first) {
    introduced_ = false;
  } else if (done) {
    Listening nothing;
    done = co_await introduce(nothing, wait);
  }
  co_return done;
}

Task<Result<void>> ImapClient::greet(Wait wait) {
  Listening nothing;
  pace_.restart(settings_.timeouts.greeting);
  while (!greeted_) {
    auto came = co_await read(wait);
    if (!came) co_return came;
    auto dispatched = co_await dispatch(nothing, wait);
    if (!dispatched) co_return dispatched;
    if (farewell_) co_return broken(*farewell_);
  }
  co_return Result<void>();
}

Task<Result<void>> ImapClient::secure_line(Wait wait) {
  auto asked = co_await ask_capabilities(wait);
  if (!asked) co_return asked;
  StartingTls starting(*this);
  auto started = co_await run(starting, wait);
  if (!started && started.error().where().empty()) started.error().at(settings_.endpoint.host);
  co_return started;
}

Task<Result<void>> ImapClient::ask_capabilities(Wait wait) {
  if (capabilities().known()) co_return Result<void>();
  auto tagged = co_await execute(imap::Capability{}, {}, wait);
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error).at(settings_.endpoint.host));
  co_return Result<void>();
}

Task<Result<void>> ImapClient::authenticate(Wait wait) {
  const sasl::Offer offer{.mechanisms = capabilities().auth_mechanisms(), .login_command = !has("LOGINDISABLED")};
  const sasl::Policy policy{.line_protected = settings_.endpoint.tls != TlsMode::none,
                            .clear_password = settings_.endpoint.tls == TlsMode::none,
                            .authzid = !settings_.authorize_as.empty(),
                            .only = settings_.auth};
  auto methods = sasl::choose(offer, policy);
  if (!methods) co_return fail(std::move(methods.error()).at(settings_.endpoint.host));
  auto password = co_await settings_.password(wait);
  if (!password) co_return fail(std::move(password.error()));

  for (std::size_t i = 0;; ++i) {
    auto tagged = co_await attempt((*methods)[i], *password, wait);
    if (!tagged) {
      if (!usable()) co_return fail(std::move(tagged.error()));
      co_return fail(std::move(tagged.error()).at(settings_.endpoint.host));
    }
    if (tagged->status == imap::Status::ok) co_return Result<void>();
    // BAD is about the mechanism; NO is about the password, and trying that again brings a lock-out nearer.
    if (tagged->status == imap::Status::bad && i + 1 < methods->size()) continue;
    co_return fail(login_refused(*tagged->error, (*methods)[i]));
  }
}

Task<Result<imap::Tagged>> ImapClient::attempt(sasl::Method method, Secret password, Wait wait) {
  if (method == sasl::Method::login_command) {
    co_return co_await execute(imap::Login{settings_.user, std::move(password)}, {}, wait);
  }
  sasl::Credentials credentials{settings_.user, std::move(password), settings_.authorize_as};
  Authenticating conversation(*this, method == sasl::Method::plain
                                         ? sasl::plain(std::move(credentials))
                                         : sasl::scram_sha_256(std::move(credentials), settings_.nonce()));
  auto ran = co_await run(conversation, wait);
  if (!ran) co_return fail(std::move(ran.error()));
  co_return conversation.verdict();
}

Error ImapClient::login_refused(const Error& error, sasl::Method method) const {
  std::string who = settings_.user;
  if (!settings_.authorize_as.empty()) who += " as " + settings_.authorize_as;
  Error refused(error.kind(), "the server refused the login of " + who + " by " + std::string(sasl::to_string(method)));
  refused.scope(Scope::account).retry(error.retry()).server_text(error.server_text()).at(settings_.endpoint.host);
  if (error.retry_after()) refused.retry_after(*error.retry_after());
  if (error.kind() == ErrorKind::auth) {
    refused.remedy("check the user name and " +
                   (settings_.password_origin.empty() ? std::string("the password") : settings_.password_origin));
  }
  return refused;
}

Task<Result<void>> ImapClient::compress(Wait wait) {
  if (!settings_.compress || !has("COMPRESS=DEFLATE")) co_return Result<void>();
  Compressing compressing(*this);
  co_return co_await run(compressing, wait);
}

Task<Result<void>> ImapClient::introduce(Conversation& first, Wait wait) {
  const bool together = first.fits_behind_enable();
  Introducing introducing(*this, together ? &first : nullptr);
  auto ran = co_await run_alone(introducing, wait);
  enabled_qresync_ = introducing.enabled() && has("QRESYNC");
  if (!ran || together) co_return ran;
  co_return co_await run_alone(first, wait);
}

}  // namespace postern::client
