#include "daemon/export/file_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/bytes.h"
#include "core/crypto/sha256.h"
#include "core/mail/modified_utf7.h"

namespace postern::daemon {

namespace {

constexpr std::size_t kLongestName = 200;  // octets; file systems allow 255, and suffixes need room

constexpr std::array<std::pair<std::string_view, char>, 6> kLetters = {{
    {"\\Draft", 'D'},
    {"\\Flagged", 'F'},
    {"$Forwarded", 'P'},
    {"\\Answered", 'R'},
    {"\\Seen", 'S'},
    {"\\Deleted", 'T'},
}};

bool is_safe(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet >= 0x20 && octet != 0x7F && std::string_view("./%\\").find(c) == std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  if (text.empty()) return "%";
  std::string out;
  for (const char c : text) {
    if (is_safe(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// Cut where it is too long, and then told apart by a hash of what it stands for. "%~" begins no encoded octet.
std::string bounded(std::string name) {
  if (name.size() <= kLongestName) return name;
  const std::string hash = to_hex(crypto::view(crypto::sha256(name))).substr(0, 32);
  std::size_t cut = kLongestName - hash.size() - 2;
  while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) --cut;  // not within a UTF-8 character
  name.resize(cut);
  return name + "%~" + hash;
}

}  // namespace

std::string maildir_folder(const MailboxName& mailbox) {
  if (mailbox.is_inbox()) return "";
  std::string folder;
  for (const std::string& component : mailbox.components()) {
    const auto wire = encode_modified_utf7(component);
    folder += "." + percent_encoded(wire ? *wire : component);
  }
  return bounded(std::move(folder));
}

std::string folder_component(const std::string& component) { return bounded(percent_encoded(component)); }

std::string maildir_base_name(const Entry& entry) {
  return fmt::format("{}.V{}U{}.postern,S={}", std::max<std::int64_t>(0, entry.internaldate.unix_seconds),
                     entry.place.uidvalidity.value(), entry.place.uid.value(), entry.size);
}

std::string maildir_flag_letters(const FlagSet& flags) {
  std::string letters;
  for (const auto& [flag, letter] : kLetters) {
    if (flags.contains(flag)) letters += letter;
  }
  return letters;
}

bool is_maildir_keyword(std::string_view flag) {
  return std::none_of(kLetters.begin(), kLetters.end(),
                      [&](const auto& known) { return ascii_iequals(known.first, flag); });
}

}  // namespace postern::daemon
