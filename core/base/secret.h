#pragma once

#include <string>
#include <string_view>

namespace postern {

/// A password, token or key. Has no stream operator, no formatter and no comparison, so that it cannot be printed by
/// accident; the memory is overwritten when it is destroyed or moved from. reveal() marks each place that uses it.
class Secret {
 public:
  Secret() = default;
  /// Overwrites `value`: a short string leaves its octets behind when it is moved from.
  explicit Secret(std::string value);
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { cleanse(); }

  /// Valid while this Secret lives and is not assigned to. Never log it.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  void cleanse();
  std::string value_;
};

/// Overwrites `text`, over its whole capacity, in a way the compiler may not drop.
void cleanse(std::string& text);

}  // namespace postern
