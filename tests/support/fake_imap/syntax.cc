#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

#include "tests/support/fake_imap/session.h"
#include "tests/support/mail/names.h"

namespace postern::testing {

std::string imap_string(std::string_view octets) {
  const bool plain = std::all_of(octets.begin(), octets.end(), [](char c) { return c >= ' ' && c < '\x7F'; });
  return plain ? imap_quoted(octets) : "{" + std::to_string(octets.size()) + "}\r\n" + std::string(octets);
}

std::string imap_set(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0, end = 0; i < numbers.size(); i = end) {
    for (end = i + 1; end < numbers.size() && numbers[end] == numbers[end - 1] + 1; ++end) {
    }
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (end - i > 1) text += ":" + std::to_string(numbers[end - 1]);
  }
  return text;
}

bool in_imap_set(std::string_view set, std::uint32_t number, std::uint32_t star) {
  const auto value = [star](std::string_view text) {
    std::uint32_t result = 0;
    if (text == "*") return star;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
  };
  while (!set.empty()) {
    const std::string_view part = set.substr(0, set.find(','));
    set.remove_prefix(std::min(part.size() + 1, set.size()));
    const auto colon = part.find(':');
    const std::uint32_t a = value(part.substr(0, colon));
    const std::uint32_t b = colon == std::string_view::npos ? a : value(part.substr(colon + 1));
    if (number >= std::min(a, b) && number <= std::max(a, b)) return true;
  }
  return false;
}

std::vector<std::uint32_t> page_of(const std::vector<std::uint32_t>& uids, const std::string& range) {
  const long a = std::stol(range), b = std::stol(range.substr(range.find(':') + 1));
  if (a == 0 || b == 0 || (a < 0) != (b < 0)) throw std::runtime_error("no partial-range: " + range);
  const auto first = static_cast<std::size_t>(std::min(std::abs(a), std::abs(b)) - 1);
  const std::size_t last = std::min(uids.size(), static_cast<std::size_t>(std::max(std::abs(a), std::abs(b))));
  if (first >= last) return {};
  const auto at = [&](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
  if (a < 0) return {uids.end() - at(last), uids.end() - at(first)};
  return {uids.begin() + at(first), uids.begin() + at(last)};
}

std::string flag_list(const FakeFlags& flags) {
  std::string text;
  for (const std::string& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

}  // namespace postern::testing
