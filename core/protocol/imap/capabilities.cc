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

namespace {

bool is_or_has_value(std::string_view stated, std::string_view name) {
  return stated.starts_with(name) && (stated.size() == name.size() || stated[name.size()] == '=');
}

}  // namespace

bool Capabilities::states(std::string_view name) const {
  return std::any_of(names_.begin(), names_.end(), [&](const auto& each) { return is_or_has_value(each, name); });
}

std::vector<std::string> Capabilities::auth_mechanisms() const {
  static constexpr std::string_view kPrefix = "AUTH=";
  std::vector<std::string> out;
  for (const std::string& name : names_) {
    if (name.starts_with(kPrefix)) out.push_back(name.substr(kPrefix.size()));
  }
  return out;
}

/// The number behind `prefix`; nullopt when there is none, or one that is not of digits alone.
std::optional<std::uint64_t> Capabilities::number_of(std::string_view prefix) const {
  for (const std::string& name : names_) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view digits = std::string_view(name).substr(prefix.size());
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

namespace {

/// RFC 9738: an nz-number. 0 would forbid every command.
std::optional<std::uint32_t> nz_number32(std::optional<std::uint64_t> value) {
  if (!value || *value == 0 || *value > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

}  // namespace

std::optional<std::uint64_t> Capabilities::append_limit() const { return number_of("APPENDLIMIT="); }

std::optional<std::uint32_t> Capabilities::message_limit() const { return nz_number32(number_of("MESSAGELIMIT=")); }

std::optional<std::uint32_t> Capabilities::save_limit() const { return nz_number32(number_of("SAVELIMIT=")); }

void Capabilities::remove(std::string_view name) {
  std::erase_if(names_, [&](const std::string& each) { return is_or_has_value(each, name); });
}

}  // namespace postern::imap
