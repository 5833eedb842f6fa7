#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"

namespace postern::crypto {

class Random;

enum class AeadAlgorithm : std::uint8_t {  // persisted: DO NOT CHANGE
  aes_256_gcm = 1,                         // 12-octet nonces; fast where the processor has AES
  chacha20_poly1305 = 2,                   // RFC 8439, 12-octet nonces
  xchacha20_poly1305 = 3,                  // 24-octet nonces: random ones never meet
};

/// Authenticated encryption with associated data (RFC 5116) under one key. Immutable after make(): thread-safe.
///
/// A nonce must never be used twice with the same key: with two such texts anyone can forge. A caller of seal() either
/// counts, or takes the nonce from something that never comes back. Whoever wants random nonces takes seal_random():
/// for the 12-octet algorithms at most 2^32 texts a key (NIST SP 800-38D §8.3), for xchacha20_poly1305 as many as one
/// likes.
class Aead {
 public:
  static constexpr std::size_t kKeyOctets = 32;
  static constexpr std::size_t kTagOctets = 16;

  /// `key` must have kKeyOctets octets.
  static Result<Aead> make(AeadAlgorithm algorithm, const Secret& key);
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;
  ~Aead();

  AeadAlgorithm algorithm() const { return algorithm_; }
  std::size_t nonce_octets() const;

  /// Ciphertext and tag: kTagOctets longer than `plaintext`. `associated` is authenticated, not sealed in.
  Result<Bytes> seal(ByteView nonce, ByteView plaintext, ByteView associated) const;
  /// The plaintext, or an error of kind store when key, nonce, text or `associated` is not what was sealed.
  Result<Bytes> open(ByteView nonce, ByteView sealed, ByteView associated) const;

  /// Nonce, ciphertext and tag, with a nonce from `random`.
  Result<Bytes> seal_random(Random& random, ByteView plaintext, ByteView associated) const;
  Result<Bytes> open_random(ByteView sealed, ByteView associated) const;

 private:
  struct Context;
  Aead(AeadAlgorithm algorithm, std::unique_ptr<Context> context);
  AeadAlgorithm algorithm_;
  std::unique_ptr<Context> context_;
};

}  // namespace postern::crypto
