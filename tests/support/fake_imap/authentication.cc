#include <openssl/base64.h>
#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>

#include "tests/support/fake_imap/session.h"

namespace postern::testing {
namespace {

std::string encode64(std::string_view octets) {
  std::string out(4 * ((octets.size() + 2) / 3) + 1, '\0');
  out.resize(EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(out.data()),
                             reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size()));
  return out;
}

std::optional<std::string> decode64(std::string_view text) {
  std::string out(text.size() + 3, '\0');
  std::size_t size = 0;
  if (EVP_DecodeBase64(reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size(),
                       reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) != 1) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

using Mac = std::array<std::uint8_t, SHA256_DIGEST_LENGTH>;

Mac hmac(const Mac& key, std::string_view text) {
  Mac out;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), key.size(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
       out.data(), &size);
  return out;
}

std::string_view view(const Mac& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

/// The value of "x=value" in a SCRAM message.
std::string attribute(std::string_view message, char name) {
  while (!message.empty()) {
    const std::string_view part = message.substr(0, message.find(','));
    message.remove_prefix(std::min(part.size() + 1, message.size()));
    if (part.size() > 1 && part[0] == name && part[1] == '=') return std::string(part.substr(2));
  }
  return {};
}

constexpr std::string_view kSalt = "sixteen octets!!";
constexpr unsigned kIterations = 4096;

}  // namespace

std::string FakeSession::capabilities() const {
  std::string text = "IMAP4rev1";
  for (const std::string& name : server_.options_.capabilities) {
    const bool before_login = name.starts_with("AUTH=") || name == "STARTTLS" || name == "LOGINDISABLED";
    if (name == "IMAP4rev1" || (before_login && state_ != State::greeted) || (on_tls_ && name == "STARTTLS")) continue;
    text += " " + name;
  }
  return text;
}

void FakeSession::on_login(const FakeCommand& command) {
  if (offers("LOGINDISABLED")) return bad(command, "LOGIN is disabled");
  if (command.args.at(0).text != server_.options_.user || command.args.at(1).text != server_.options_.password) {
    return tagged(command, "NO [AUTHENTICATIONFAILED] Wrong user or password");
  }
  state_ = State::authenticated;
  ok(command, "CAPABILITY " + capabilities());
}

Task<std::optional<std::string>> FakeSession::challenge(std::string text) {
  out_ += "+ " + encode64(text) + "\r\n";
  const bool written = co_await flush();
  if (!written) co_return std::nullopt;
  const std::optional<std::string> line = co_await read_line();
  if (!line || *line == "*") co_return std::nullopt;
  co_return decode64(*line);
}

Task<void> FakeSession::on_authenticate(FakeCommand command) {
  const std::string mechanism = command.args.empty() ? "" : ascii_upper(command.args[0].text);
  std::optional<std::string> first;
  bool offered = false;
  {
    const std::lock_guard lock(server_.mutex_);
    offered = offers("AUTH=" + mechanism) && (command.args.size() < 2 || offers("SASL-IR"));
    if (!offered) bad(command, "mechanism or initial response not offered");
  }
  if (!offered) co_return;
  if (command.args.size() > 1) first = command.args[1].text == "=" ? "" : decode64(command.args[1].text).value_or("");
  bool accepted = false;
  if (mechanism == "PLAIN") accepted = co_await plain(std::move(first));
  if (mechanism == "SCRAM-SHA-256") accepted = co_await scram(std::move(first));
  if (state_ == State::ended) co_return;
  const std::lock_guard lock(server_.mutex_);
  if (!accepted) co_return tagged(command, "NO [AUTHENTICATIONFAILED] Wrong user or password");
  state_ = State::authenticated;
  ok(command, "CAPABILITY " + capabilities());
}

Task<bool> FakeSession::plain(std::optional<std::string> first) {
  if (!first) first = co_await challenge("");
  const std::lock_guard lock(server_.mutex_);
  const std::string wanted =
      std::string(1, '\0') + server_.options_.user + std::string(1, '\0') + server_.options_.password;
  co_return first && first->substr(std::min(first->size(), first->find('\0'))) == wanted;
}

/// RFC 5802 and RFC 7677, the server's side.
Task<bool> FakeSession::scram(std::optional<std::string> first) {
  if (!first) first = co_await challenge("");
  if (!first) co_return false;
  const auto gs2_end = first->find(',', first->find(',') + 1);
  if (gs2_end == std::string::npos) co_return false;
  const std::string gs2 = first->substr(0, gs2_end + 1), bare = first->substr(gs2_end + 1);
  std::string user, password;
  {
    const std::lock_guard lock(server_.mutex_);
    user = server_.options_.user, password = server_.options_.password;
  }
  const std::string nonce = attribute(bare, 'r') + "fake" + std::to_string(id_);
  const std::string server_first = "r=" + nonce + ",s=" + encode64(kSalt) + ",i=" + std::to_string(kIterations);
  const std::optional<std::string> final = co_await challenge(server_first);
  if (!final || attribute(*final, 'r') != nonce || attribute(*final, 'c') != encode64(gs2)) co_return false;

  Mac salted;
  PKCS5_PBKDF2_HMAC(password.data(), password.size(), reinterpret_cast<const std::uint8_t*>(kSalt.data()), kSalt.size(),
                    kIterations, EVP_sha256(), salted.size(), salted.data());
  const std::string signed_text = bare + "," + server_first + "," + final->substr(0, final->find(",p="));
  const Mac client_key = hmac(salted, "Client Key");
  Mac stored_key;
  SHA256(client_key.data(), client_key.size(), stored_key.data());
  Mac proof = hmac(stored_key, signed_text);
  for (std::size_t i = 0; i < proof.size(); ++i) proof[i] ^= client_key[i];
  if (attribute(bare, 'n') != user || attribute(*final, 'p') != encode64(view(proof))) co_return false;
  const Mac signature = hmac(hmac(salted, "Server Key"), signed_text);
  const std::optional<std::string> last = co_await challenge("v=" + encode64(view(signature)));
  co_return last.has_value();
}

Task<void> FakeSession::on_starttls(FakeCommand command) {
  {
    const std::lock_guard lock(server_.mutex_);
    if (on_tls_ || !offers("STARTTLS")) co_return bad(command, "no STARTTLS");
    ok(command);
  }
  const bool written = co_await flush();
  if (!written) co_return;
  in_.clear();  // what a client sends in clear after STARTTLS never counts
  if (secure_) {
    Result<std::unique_ptr<Stream>> secured = co_await secure_(stream_->detach());
    if (!secured) {
      state_ = State::ended;
      co_return;
    }
    stream_->attach(std::move(*secured));
  }
  on_tls_ = true;
}

void FakeSession::on_enable(const FakeCommand& command) {
  if (!offers("ENABLE")) return bad(command, "no ENABLE");
  if (state_ == State::selected) return bad(command, "ENABLE after SELECT");
  std::string enabled;
  for (const ImapValue& value : command.args) {
    const std::string name = ascii_upper(value.text);
    if (!offers(name) || (name != "CONDSTORE" && name != "QRESYNC" && name != "UIDONLY")) continue;
    condstore_ = condstore_ || name != "UIDONLY";
    qresync_ = qresync_ || name == "QRESYNC";
    uid_only_ = uid_only_ || name == "UIDONLY";
    enabled += " " + name;
  }
  untagged("ENABLED" + enabled);
  ok(command);
}

}  // namespace postern::testing
