#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/support/dovecot/dovecot.h"

namespace postern::testing {

/// Two Dovecots, source and target, that trust one authority file (the certificates of both, one after the other), and
/// accounts on them. Works on commands that are lines of words, listed in lab_main.cc.
class Lab {
 public:
  static constexpr const char* kUser = "alice";

  /// Writes the password file and the authorities into `folder`.
  /// `durable`: the servers write mail as an operator has them do it, with fsync.
  Lab(const std::filesystem::path& folder, bool durable);

  /// What a script needs to know, as "name=value" words.
  std::string settings() const;
  /// Does what `line` asks for and says how it went; throws when it cannot.
  std::string obey(const std::string& line);

 private:
  Dovecot source_, target_;
  std::filesystem::path password_file_, ca_;
};

}  // namespace postern::testing
