#include "core/protocol/sasl/scram.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <utility>

#include "core/base/base64.h"
#include "core/crypto/hmac.h"
#include "core/crypto/key_derivation.h"
#include "core/crypto/random.h"
#include "core/protocol/sasl/saslprep.h"

namespace postern::sasl {
namespace {

using crypto::hmac_sha256;
using crypto::Sha256Octets;
using crypto::view;

constexpr std::size_t kNonceOctets = 18;
constexpr std::size_t kLongestMessage = 8192;
constexpr std::size_t kLongestSalt = 1024;
constexpr std::size_t kLongestNonce = 1024;

tl::unexpected<Error> refuse(std::string what) { return fail(ErrorKind::protocol, std::move(what)); }

/// server-error, in whichever of its messages the server comes to it.
tl::unexpected<Error> refused_login(std::string_view server_error) {
  return fail(Error(ErrorKind::auth, "the server refuses the login").server_text(server_error));
}

/// saslname: "=" and "," are escaped.
std::string escaped_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '=') {
      out += "=3D";
    } else if (c == ',') {
      out += "=2C";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

bool is_nonce(std::string_view text) {
  for (const char c : text) {
    if (c < 0x21 || c > 0x7E || c == ',') return false;
  }
  return !text.empty();
}

/// Takes "x=value" up to the next comma or the end from `rest`; none when `rest` does not start with "x=".
std::optional<std::string_view> take_attribute(std::string_view& rest, char name) {
  if (rest.size() < 2 || rest[0] != name || rest[1] != '=') return std::nullopt;
  const std::size_t comma = rest.find(',');
  const std::string_view value = rest.substr(2, comma == rest.npos ? rest.npos : comma - 2);
  rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
  return value;
}

struct ServerFirst {
  std::string nonce;
  Bytes salt;
  std::uint32_t iterations = 0;
};

/// server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
Result<ServerFirst> parse_server_first(std::string_view message) {
  if (const auto error = take_attribute(message, 'e')) return refused_login(*error);
  if (message.starts_with("m=")) return refuse("the server asks for an extension that nobody knows");
  const auto nonce = take_attribute(message, 'r');
  const auto salt = nonce ? take_attribute(message, 's') : std::nullopt;
  const auto iterations = salt ? take_attribute(message, 'i') : std::nullopt;
  if (!iterations) return refuse("the server's first message is malformed");
  if (nonce->size() > kLongestNonce || !is_nonce(*nonce)) return refuse("the server's nonce is malformed");
  auto salt_octets = base64_decode(*salt);
  if (!salt_octets || salt_octets->empty() || salt_octets->size() > kLongestSalt) {
    return refuse("the server's salt is malformed");
  }
  ServerFirst first{std::string(*nonce), *std::move(salt_octets), 0};
  const char* end = iterations->data() + iterations->size();
  const auto parsed = std::from_chars(iterations->data(), end, first.iterations);
  if (parsed.ec != std::errc{} || parsed.ptr != end || iterations->starts_with('0')) {
    return refuse("the server's iteration count is malformed");
  }
  return first;
}

class ScramSha256 final : public Mechanism {
 public:
  ScramSha256(Credentials credentials, std::string nonce, ScramLimits limits)
      : credentials_(std::move(credentials)), nonce_(std::move(nonce)), limits_(limits) {}

  std::string_view name() const override { return "SCRAM-SHA-256"; }

  /// gs2-header client-first-message-bare
  Result<Secret> initial_response() override {
    if (state_ != State::fresh) return refuse("the exchange has begun already");
    state_ = State::failed;
    if (nonce_.size() < kNonceOctets || !is_nonce(nonce_)) return fail(ErrorKind::internal, "the nonce is no nonce");
    const auto user = saslprep(credentials_.user);
    const auto authzid = saslprep(credentials_.authzid);
    if (!user) return tl::unexpected(user.error());
    if (!authzid) return tl::unexpected(authzid.error());
    if (user->empty()) return fail(ErrorKind::auth, "the user name is empty");
    gs2_header_ = authzid->empty() ? "n,," : fmt::format("n,a={},", escaped_name(authzid->reveal()));
    first_bare_ = fmt::format("n={},r={}", escaped_name(user->reveal()), nonce_);
    state_ = State::said_first;
    return Secret(gs2_header_ + first_bare_);
  }

  Result<Secret> respond(ByteView challenge) override {
    const State state = std::exchange(state_, State::failed);
    if (challenge.size() > kLongestMessage) return refuse("the server's message is too long");
    switch (state) {
      case State::said_first:
        return answer_first(challenge);
      case State::said_final:
        return check_final(challenge);
      default:
        return refuse("a challenge where none belongs");
    }
  }

  bool verified() const override { return state_ == State::verified; }

 private:
  enum class State { fresh, said_first, said_final, verified, failed };

  Result<Secret> answer_first(ByteView message) {
    const auto first = parse_server_first(message);
    if (!first) return tl::unexpected(first.error());
    if (!first->nonce.starts_with(nonce_) || first->nonce.size() == nonce_.size()) {
      return fail(ErrorKind::security, "the server's nonce does not continue ours");
    }
    if (first->iterations < limits_.min_iterations || first->iterations > limits_.max_iterations) {
      return fail(ErrorKind::security, fmt::format("the server asks for {} iterations; {} to {} are acceptable",
                                                   first->iterations, limits_.min_iterations, limits_.max_iterations));
    }
    const auto password = saslprep(credentials_.password.reveal());
    if (!password) return tl::unexpected(password.error());
    if (password->empty()) return fail(ErrorKind::auth, "the password is empty");

    const Secret salted = crypto::pbkdf2_hmac_sha256(*password, first->salt, first->iterations);
    credentials_.password = Secret();
    std::string final = fmt::format("c={},r={}", base64_encode(gs2_header_), first->nonce);
    const std::string auth_message = fmt::format("{},{},{}", first_bare_, message, final);
    const Secret client_key = as_secret(hmac_sha256(salted.reveal(), "Client Key"));
    const Sha256Octets client_signature = hmac_sha256(view(crypto::sha256(client_key.reveal())), auth_message);
    Sha256Octets proof;
    for (std::size_t i = 0; i < proof.size(); ++i) {
      proof[i] = static_cast<std::uint8_t>(static_cast<unsigned char>(client_key.reveal()[i]) ^ client_signature[i]);
    }
    const Secret server_key = as_secret(hmac_sha256(salted.reveal(), "Server Key"));
    server_signature_ = hmac_sha256(server_key.reveal(), auth_message);
    state_ = State::said_final;
    return Secret(fmt::format("{},p={}", final, base64_encode(view(proof))));
  }

  /// server-final-message = ("e=" server-error / "v=" base64) ["," extensions]
  Result<Secret> check_final(ByteView message) {
    if (const auto error = take_attribute(message, 'e')) return refused_login(*error);
    const auto verifier = take_attribute(message, 'v');
    if (!verifier) return refuse("the server's final message is malformed");
    const auto signature = base64_decode(*verifier);
    if (!signature) return tl::unexpected(signature.error());
    if (!crypto::constant_time_equal(*signature, view(server_signature_))) {
      return fail(Error(ErrorKind::security, "the server's signature is wrong: it does not know the password")
                      .remedy("check that the host is the right one"));
    }
    state_ = State::verified;
    return Secret();
  }

  static Secret as_secret(const Sha256Octets& octets) { return Secret(std::string(view(octets))); }

  Credentials credentials_;
  std::string nonce_;
  ScramLimits limits_;
  State state_ = State::fresh;
  std::string gs2_header_;
  std::string first_bare_;
  Sha256Octets server_signature_{};
};

}  // namespace

std::unique_ptr<Mechanism> scram_sha_256(Credentials credentials, std::string client_nonce, ScramLimits limits) {
  return std::make_unique<ScramSha256>(std::move(credentials), std::move(client_nonce), limits);
}

std::unique_ptr<Mechanism> scram_sha_256(Credentials credentials, crypto::Random& random, ScramLimits limits) {
  return scram_sha_256(std::move(credentials), base64_encode(random.octets(kNonceOctets)), limits);
}

}  // namespace postern::sasl
