#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

/// True when `pattern` covers the whole of `name`: `*` stands for any run of characters, `%` for any run without
/// `delimiter`, `?` for one character (as IMAP's LIST has it, and the shell's `?`). INBOX is compared without case.
/// Time is the product of the two lengths, at worst.
bool glob_matches(std::string_view pattern, std::string_view name, char delimiter);

/// Which mailboxes are wanted: one of `include` (or all, when it is empty) and none of `exclude`.
struct MailboxFilter {
  std::vector<std::string> include;
  std::vector<std::string> exclude;

  /// `name` is UTF-8 with the server's own delimiter, '\0' for none.
  bool selects(std::string_view name, char delimiter) const;
};

}  // namespace postern::config
