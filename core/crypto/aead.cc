#include "core/crypto/aead.h"

#include <fmt/format.h>
#include <openssl/aead.h>
#include <openssl/err.h>

#include <utility>

#include "core/crypto/random.h"

namespace postern::crypto {
namespace {

const EVP_AEAD* implementation(AeadAlgorithm algorithm) {
  switch (algorithm) {
    case AeadAlgorithm::aes_256_gcm:
      return EVP_aead_aes_256_gcm();
    case AeadAlgorithm::chacha20_poly1305:
      return EVP_aead_chacha20_poly1305();
    case AeadAlgorithm::xchacha20_poly1305:
      return EVP_aead_xchacha20_poly1305();
  }
  return nullptr;
}

const std::uint8_t* data(ByteView octets) { return reinterpret_cast<const std::uint8_t*>(octets.data()); }
std::uint8_t* data(Bytes& octets) { return reinterpret_cast<std::uint8_t*>(octets.data()); }

tl::unexpected<Error> wrong_nonce(std::size_t wanted, std::size_t given) {
  return fail(ErrorKind::internal, fmt::format("a nonce of {} octets where {} are needed", given, wanted));
}

tl::unexpected<Error> not_authentic() {
  ERR_clear_error();  // the library's queue is this thread's and would be read by the next TLS call
  return fail(ErrorKind::store, "sealed octets were altered, or the key is another one");
}

}  // namespace

struct Aead::Context {
  EVP_AEAD_CTX* raw = nullptr;
  ~Context() { EVP_AEAD_CTX_free(raw); }
};

Aead::Aead(AeadAlgorithm algorithm, std::unique_ptr<Context> context)
    : algorithm_(algorithm), context_(std::move(context)) {}
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;
Aead::~Aead() = default;

Result<Aead> Aead::make(AeadAlgorithm algorithm, const Secret& key) {
  const EVP_AEAD* aead = implementation(algorithm);
  if (aead == nullptr) return fail(ErrorKind::vault_format, "unknown AEAD algorithm");
  const std::string_view revealed = key.reveal();
  if (revealed.size() != kKeyOctets) {
    return fail(ErrorKind::config, fmt::format("a key has {} octets, not {}", kKeyOctets, revealed.size()));
  }
  auto context = std::make_unique<Context>();
  context->raw = EVP_AEAD_CTX_new(aead, data(revealed), revealed.size(), kTagOctets);
  if (context->raw == nullptr) {
    ERR_clear_error();
    return fail(ErrorKind::internal, "the AEAD cannot be set up");
  }
  return Aead(algorithm, std::move(context));
}

std::size_t Aead::nonce_octets() const { return EVP_AEAD_nonce_length(implementation(algorithm_)); }

Result<Bytes> Aead::seal(ByteView nonce, ByteView plaintext, ByteView associated) const {
  if (nonce.size() != nonce_octets()) return wrong_nonce(nonce_octets(), nonce.size());
  Bytes out(plaintext.size() + kTagOctets, '\0');
  std::size_t length = 0;
  if (EVP_AEAD_CTX_seal(context_->raw, data(out), &length, out.size(), data(nonce), nonce.size(), data(plaintext),
                        plaintext.size(), data(associated), associated.size()) != 1) {
    ERR_clear_error();
    return fail(ErrorKind::internal, fmt::format("{} octets are too many to seal at once", plaintext.size()));
  }
  out.resize(length);
  return out;
}

Result<Bytes> Aead::open(ByteView nonce, ByteView sealed, ByteView associated) const {
  if (nonce.size() != nonce_octets()) return wrong_nonce(nonce_octets(), nonce.size());
  if (sealed.size() < kTagOctets) return not_authentic();
  Bytes out(sealed.size() - kTagOctets, '\0');
  std::size_t length = 0;
  if (EVP_AEAD_CTX_open(context_->raw, data(out), &length, out.size(), data(nonce), nonce.size(), data(sealed),
                        sealed.size(), data(associated), associated.size()) != 1) {
    return not_authentic();
  }
  out.resize(length);
  return out;
}

Result<Bytes> Aead::seal_random(Random& random, ByteView plaintext, ByteView associated) const {
  Bytes out = random.octets(nonce_octets());
  const auto sealed = seal(out, plaintext, associated);
  if (!sealed) return tl::unexpected(sealed.error());
  out += *sealed;
  return out;
}

Result<Bytes> Aead::open_random(ByteView sealed, ByteView associated) const {
  if (sealed.size() < nonce_octets() + kTagOctets) return not_authentic();
  return open(sealed.substr(0, nonce_octets()), sealed.substr(nonce_octets()), associated);
}

}  // namespace postern::crypto
