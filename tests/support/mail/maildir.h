#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/mail/generator.h"

namespace postern::testing {

/// Writes messages into a Maildir++ tree the way Dovecot stores them: LF line ends, "S=" and "W=" sizes in the file's
/// name, INTERNALDATE as its modification time, keywords as letters with a dovecot-keywords file. Write before Dovecot
/// first sees the tree; call finish() at the end.
class MaildirWriter {
 public:
  /// `owner` gets every file when given: the user and group that Dovecot reads mail as.
  struct Owner {
    std::uint32_t user = 0, group = 0;
  };
  explicit MaildirWriter(std::filesystem::path root, std::optional<Owner> owner = std::nullopt);

  /// Makes the mailbox if there is none yet. `mailbox` is UTF-8 with "/" between levels.
  void create(const std::string& mailbox) { open(mailbox); }
  void add(const std::string& mailbox, const GeneratedMail& mail);
  void finish();

 private:
  struct Mailbox {
    std::filesystem::path directory;
    std::vector<std::string> keywords;  // position is the letter
  };
  Mailbox& open(const std::string& mailbox);
  void give_away(const std::filesystem::path& path) const;

  std::filesystem::path root_;
  std::optional<Owner> owner_;
  std::map<std::string, Mailbox> mailboxes_;
  std::uint64_t serial_ = 0;
};

}  // namespace postern::testing
