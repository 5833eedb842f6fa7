#include "core/crypto/aead.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/crypto/random.h"
#include "tests/unit/crypto/hex.h"

namespace postern::crypto {
namespace {

constexpr AeadAlgorithm kAll[] = {AeadAlgorithm::aes_256_gcm, AeadAlgorithm::chacha20_poly1305,
                                  AeadAlgorithm::xchacha20_poly1305};

const std::string kSunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
    "it.";
const std::string kCountingKey = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";

struct KnownAnswer {
  AeadAlgorithm algorithm;
  std::string key, nonce, plaintext, associated, sealed;
};

const KnownAnswer kKnown[] = {
    // McGrew and Viega, The Galois/Counter Mode of Operation, test cases 13, 14 and 16; also NIST's.
    {AeadAlgorithm::aes_256_gcm, std::string(64, '0'), std::string(24, '0'), "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {AeadAlgorithm::aes_256_gcm, std::string(64, '0'), std::string(24, '0'), std::string(32, '0'), "",
     "cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919"},
    {AeadAlgorithm::aes_256_gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662 76fc6ece0f4e1768cddf8853bb2d551b"},
    // RFC 8439 §2.8.2
    {AeadAlgorithm::chacha20_poly1305, kCountingKey, "070000004041424344454647", to_hex(kSunscreen),
     "50515253c0c1c2c3c4c5c6c7",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
     "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b6116 1ae10b594f09e26a7e902ecbd0600691"},
    // draft-irtf-cfrg-xchacha-03 §A.3.1
    {AeadAlgorithm::xchacha20_poly1305, kCountingKey, "404142434445464748494a4b4c4d4e4f5051525354555657",
     to_hex(kSunscreen), "50515253c0c1c2c3c4c5c6c7",
     "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
     "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
     "21f9664c97637da9768812f615c68b13b52e c0875924c1c7987947deafd8780acf49"},
};

Aead made(AeadAlgorithm algorithm, const std::string& key_hex = kCountingKey) {
  return *Aead::make(algorithm, Secret(from_hex(key_hex)));
}

TEST(AeadTest, MatchesThePublishedVectors) {
  for (const KnownAnswer& known : kKnown) {
    const Aead aead = made(known.algorithm, known.key);
    const auto sealed = aead.seal(from_hex(known.nonce), from_hex(known.plaintext), from_hex(known.associated));
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(*sealed), to_hex(from_hex(known.sealed)));
    const auto opened = aead.open(from_hex(known.nonce), *sealed, from_hex(known.associated));
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(*opened), known.plaintext);
  }
}

TEST(AeadTest, EveryAlteredOctetIsNoticed) {
  for (const AeadAlgorithm algorithm : kAll) {
    const Aead aead = made(algorithm);
    const Bytes nonce(aead.nonce_octets(), 'n');
    const Bytes sealed = *aead.seal(nonce, "mail", "chunk 7");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      Bytes altered = sealed;
      altered[i] = static_cast<char>(altered[i] ^ 1);
      const auto opened = aead.open(nonce, altered, "chunk 7");
      ASSERT_FALSE(opened);
      EXPECT_EQ(opened.error().kind(), ErrorKind::store);
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
      ASSERT_FALSE(aead.open(nonce, ByteView(sealed).substr(0, size), "chunk 7"));
    }
    EXPECT_FALSE(aead.open(nonce, sealed + "x", "chunk 7"));
    EXPECT_FALSE(aead.open(nonce, sealed, "chunk 8"));
    EXPECT_FALSE(aead.open(nonce, sealed, ""));
    EXPECT_FALSE(aead.open(Bytes(aead.nonce_octets(), 'm'), sealed, "chunk 7"));
    EXPECT_FALSE(made(algorithm, std::string(64, '1')).open(nonce, sealed, "chunk 7"));
    EXPECT_EQ(*aead.open(nonce, sealed, "chunk 7"), "mail");
  }
}

TEST(AeadTest, KeysAndNoncesHaveTheirSizes) {
  for (const AeadAlgorithm algorithm : kAll) {
    EXPECT_FALSE(Aead::make(algorithm, Secret()));
    EXPECT_FALSE(Aead::make(algorithm, Secret(std::string(31, 'k'))));
    EXPECT_FALSE(Aead::make(algorithm, Secret(std::string(33, 'k'))));
    const Aead aead = made(algorithm);
    EXPECT_EQ(aead.algorithm(), algorithm);
    EXPECT_FALSE(aead.seal("short", "x", ""));
    EXPECT_FALSE(aead.open("short", std::string(40, 'x'), ""));
  }
  EXPECT_EQ(made(AeadAlgorithm::aes_256_gcm).nonce_octets(), 12u);
  EXPECT_EQ(made(AeadAlgorithm::xchacha20_poly1305).nonce_octets(), 24u);
  EXPECT_FALSE(Aead::make(static_cast<AeadAlgorithm>(99), Secret(std::string(32, 'k'))));
}

TEST(AeadTest, RandomNoncesTravelInFront) {
  SystemRandom random;
  for (const AeadAlgorithm algorithm : kAll) {
    const Aead aead = made(algorithm);
    const Bytes a = *aead.seal_random(random, "mail", "ad");
    const Bytes b = *aead.seal_random(random, "mail", "ad");
    EXPECT_NE(a, b);
    EXPECT_EQ(a.size(), aead.nonce_octets() + 4 + Aead::kTagOctets);
    EXPECT_EQ(*aead.open_random(a, "ad"), "mail");
    EXPECT_FALSE(aead.open_random(a, "da"));
    EXPECT_FALSE(aead.open_random("", "ad"));
    EXPECT_FALSE(aead.open_random(ByteView(a).substr(0, aead.nonce_octets() + Aead::kTagOctets - 1), "ad"));
    EXPECT_EQ(*aead.open_random(*aead.seal_random(random, "", ""), ""), "");
  }
}

TEST(SystemRandomTest, FillsWithSomethingElseEachTime) {
  SystemRandom random;
  std::set<Bytes> seen;
  for (int i = 0; i < 1'000; ++i) seen.insert(random.octets(16));
  EXPECT_EQ(seen.size(), 1'000u);
  EXPECT_EQ(random.key().reveal().size(), 32u);
  EXPECT_TRUE(random.octets(0).empty());
}

}  // namespace
}  // namespace postern::crypto
