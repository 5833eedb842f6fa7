#include "core/protocol/imap/capabilities.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::imap {

Capabilities::Capabilities(std::vector<std::string> names) : names_(std::move(names)), known_(true) {
  for (std::string& name : names_) name = ascii_upper(name);
  std::sort(names_.begin(), names_.end());
  names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
}

bool Capabilities::has(std::string_view name) const {
  return std::binary_search(names_.begin(), names_.end(), name, std::less<>());
}

std::vector<std::string> Capabilities::auth_mechanisms() const {
  static constexpr std::string_view kPrefix = "AUTH=";
  std::vector<std::string> out;
  for (const std::string& name : names_) {
    if (name.starts_with(kPrefix)) out.push_back(name.substr(kPrefix.size()));
  }
  return out;
}

std::optional<std::uint64_t> Capabilities::append_limit() const {
  static constexpr std::string_view kPrefix = "APPENDLIMIT=";
  for (const std::string& name : names_) {
    if (!name.starts_with(kPrefix)) continue;
    const std::string_view digits = std::string_view(name).substr(kPrefix.size());
    if (digits.empty() || digits.size() > 18) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return value;
  }
  return std::nullopt;
}

void Capabilities::remove(std::string_view name) {
  std::erase_if(names_, [&](const std::string& each) { return each == name; });
}

}  // namespace postern::imap
