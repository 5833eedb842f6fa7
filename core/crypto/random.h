#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.h"
#include "core/base/secret.h"

namespace postern::crypto {

/// Where unpredictable octets come from, so that a test can know them beforehand.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> octets) = 0;

  Bytes octets(std::size_t count);
  Secret key(std::size_t count = 32);
};

/// The operating system's generator by way of BoringSSL's. Thread-safe; ends the process when there is no entropy.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> octets) override;
};

}  // namespace postern::crypto
