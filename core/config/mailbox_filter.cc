#include "core/config/mailbox_filter.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::config {

namespace {

std::size_t character_length(char lead) {
  const auto octet = static_cast<unsigned char>(lead);
  if (octet < 0x80) return 1;
  if (octet < 0xE0) return 2;
  return octet < 0xF0 ? 3 : 4;
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view name, char delimiter) {
  if (ascii_iequals(name, "INBOX") && ascii_iequals(pattern, "INBOX")) return true;
  // reached[j]: the pattern so far covers the first j octets of the name.
  std::vector<bool> reached(name.size() + 1, false);
  reached[0] = true;
  for (const char p : pattern) {
    std::vector<bool> next(name.size() + 1, false);
    for (std::size_t j = 0; j <= name.size(); ++j) {
      if (p == '*' || p == '%') {
        next[j] = reached[j] || (j > 0 && next[j - 1] && (p == '*' || delimiter == '\0' || name[j - 1] != delimiter));
      } else if (reached[j] && j < name.size()) {
        if (p == '?') {
          next[std::min(name.size(), j + character_length(name[j]))] = true;
        } else if (p == name[j]) {
          next[j + 1] = true;
        }
      }
    }
    reached.swap(next);
  }
  return reached[name.size()];
}

bool MailboxFilter::selects(std::string_view name, char delimiter) const {
  const auto covers = [&](const std::string& pattern) { return glob_matches(pattern, name, delimiter); };
  if (std::any_of(exclude.begin(), exclude.end(), covers)) return false;
  return include.empty() || std::any_of(include.begin(), include.end(), covers);
}

}  // namespace postern::config
