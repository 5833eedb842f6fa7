#include "core/base/secret.h"

#include <utility>

namespace postern {

void cleanse(std::string& text) {
  text.resize(text.capacity());
  volatile char* octets = text.data();
  for (std::size_t i = 0; i < text.size(); ++i) octets[i] = 0;
  text.clear();
}

Secret::Secret(std::string value) : value_(std::move(value)) { postern::cleanse(value); }

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.cleanse(); }

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    cleanse();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    cleanse();
    value_ = std::move(other.value_);
    other.cleanse();
  }
  return *this;
}

void Secret::cleanse() { postern::cleanse(value_); }

}  // namespace postern
