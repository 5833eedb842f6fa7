#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

/// A key that may stand in a section of the file.
struct Key {
  std::string_view name;
  /// The section that its value is; empty for plain values.
  std::string_view section = {};
  /// Why this version refuses it and what there is instead; empty: it works.
  std::string_view refused = {};
};

/// The keys of a section: "file", "vault", "account", "defaults", "source", "target", "mailboxes", "mailbox_map",
/// "schedule", "limits", "log". The only list of keys: the reader checks against it and the reference page is checked
/// against it.
std::span<const Key> keys_of(std::string_view section);

/// Every key that works, as a path: "vault.path", "accounts[].source.host".
std::vector<std::string> supported_paths();

}  // namespace postern::config
