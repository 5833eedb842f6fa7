#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/plain_imap/plain_imap.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {

/// Whether the fixture's server is there. Throws where it is not, so that a missing one is a failed test, unless
/// POSTERN_WITHOUT_COURIER is set.
bool courier_installed();

/// A running Courier with one user (see README.md). The destructor kills it.
class Courier {
 public:
  static constexpr const char* kUser = "alice";
  static constexpr const char* kPassword = "correct horse";

  Courier();

  std::uint16_t imap_port() const { return port_; }
  /// A connection of the user's own. Mailboxes are named "INBOX.Outer.Inner".
  PlainImap login() const { return PlainImap({port_, kUser, kPassword}); }

 private:
  TempDir base_;
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> login_;
};

}  // namespace postern::testing
