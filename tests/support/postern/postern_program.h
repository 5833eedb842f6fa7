#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/mail/server_state.h"
#include "tests/support/postern/mail_server.h"
#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {

/// One side of an account in the configuration.
struct SideConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  PlainTls tls = PlainTls::none;
  std::string ca_certificate = {};  // PEM; written to a file of its own
  std::string user = MailServer::kUser;
  std::string password = {};
  std::vector<std::string> disable = {};  // capabilities
  bool compress = false;                  // COMPRESS=DEFLATE
  std::vector<std::string> more = {};     // further lines, such as "flag_sweep: 0s"

  static SideConfig of(const MailServer& server, PlainTls tls = PlainTls::none);
};

/// `postern sync --json`, of one account.
struct SyncReport {
  int exit_code = -1;
  std::string state;  // ok, attention, failed
  std::map<std::string, std::uint64_t> source;
  std::map<std::string, std::uint64_t> target;  // empty without one
  std::map<std::string, std::uint64_t> rungs;   // mailboxes opened, by how their changes were learnt
  std::uint64_t quarantined = 0;
  std::string error;              // empty: null
  std::string problems;           // what needs a person, a line each
  std::string log;                // stderr
  std::uint64_t peak_memory = 0;  // octets resident at once, at most
};
std::ostream& operator<<(std::ostream& out, const SyncReport& report);

/// The postern binary with an account "alice", and a vault and a configuration of its own.
class PosternProgram {
 public:
  static constexpr const char* kAccount = "alice";

  PosternProgram(SideConfig source, std::optional<SideConfig> target);

  /// Takes effect with the next command.
  SideConfig source;
  std::optional<SideConfig> target;
  std::string settings;                    // more of the configuration, as top-level YAML
  std::map<std::string, std::string> env;  // added to its environment

  /// Runs `postern -c CONFIG ARGUMENTS…` to its end.
  Finished run(std::vector<std::string> arguments, std::chrono::seconds limit = std::chrono::seconds(300));
  std::unique_ptr<ChildProcess> start(std::vector<std::string> arguments);
  SyncReport sync(std::vector<std::string> options = {});
  /// What `postern ls --json` says the vault holds.
  ServerState ls();
  /// `postern check --read-data --json`: how many problems it found; throws when it did not run.
  std::size_t problems();
  /// What `postern snapshots --json` lists: another text once a pass has changed something.
  std::string snapshots();
  std::string cat(const std::string& digest);

  std::filesystem::path vault() const { return directory_ / "vault"; }
  std::filesystem::path config_file() const { return directory_ / "postern.yaml"; }
  void write_config() const;

 private:
  std::string side(const std::string& name, const SideConfig& config) const;
  std::vector<std::string> argv(const std::vector<std::string>& arguments) const;

  TempDir directory_;
};

}  // namespace postern::testing
