#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/support/plain_imap/plain_imap.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {

/// Whether the fixture's server is there. Throws where it is not, so that a missing one is a failed test, unless
/// POSTERN_WITHOUT_CYRUS is set.
bool cyrus_installed();

struct CyrusOptions {
  /// Capabilities that are not advertised, such as "QRESYNC".
  std::vector<std::string> without = {};
  /// Lines put at the end of imapd.conf.
  std::string extra = {};
};

/// A running Cyrus (see README.md). A user is there, with an INBOX, from the first login on. The destructor kills it.
class Cyrus {
 public:
  explicit Cyrus(CyrusOptions options = {});

  std::uint16_t imap_port() const { return port_; }
  /// A connection of `user`'s own. Levels of names are parted by "/".
  PlainImap login(const std::string& user = "alice") const;

 private:
  void write_settings(const CyrusOptions& options) const;
  std::vector<std::string> argv() const;
  bool try_start();

  TempDir base_;
  std::filesystem::path root_;  // the packages, where the server's own user can reach them
  std::uint16_t port_ = 0;
  std::unique_ptr<ChildProcess> master_;
};

}  // namespace postern::testing
