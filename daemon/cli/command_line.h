#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/exit_status.h"

namespace postern::daemon {

// One struct a command: its words after parsing. Names of accounts and moments are not looked up yet.

struct RunCommand {};

struct SyncCommand {
  std::vector<std::string> accounts;  // empty: all
  bool pull_only = false;
  bool replay_only = false;
  bool json = false;
};

struct StatusCommand {
  std::vector<std::string> accounts;  // empty: all
  bool json = false;
};

struct LsCommand {
  std::string account;
  std::string mailbox;  // empty: all
  std::string at;       // empty: now
  bool json = false;
};

struct CatCommand {
  std::string account;
  std::string digest;
};

struct SnapshotsCommand {
  std::string account;  // empty: all
  bool json = false;
};

struct ExportCommand {
  enum class Format { maildir, mbox, eml };
  std::string account;
  Format format = Format::maildir;
  std::string to;
  std::string at;       // empty: now
  std::string mailbox;  // empty: all
};

struct QuarantineCommand {
  std::string account;  // empty: all
  bool retry = false;   // makes them due instead of listing them
  bool json = false;
};

struct GuardCommand {
  bool ack = false;     // lets through what is held now, instead of listing it
  std::string account;  // empty: all; never with ack
  std::string mailbox;  // ack only; empty: all
  bool audit = false;   // lists what was deleted at servers instead
  bool json = false;
};

struct CheckCommand {
  bool read_data = false;
  bool json = false;
};

struct DumpCommand {
  std::string family;       // empty: a table of them
  std::string key;          // hexadecimal: what the key begins with
  std::uint64_t limit = 0;  // rows; 0: all
  bool octets = false;
  bool json = false;
};

struct ConfigCheckCommand {
  bool json = false;
};

using Command =
    std::variant<RunCommand, SyncCommand, StatusCommand, LsCommand, CatCommand, SnapshotsCommand, ExportCommand,
                 QuarantineCommand, GuardCommand, CheckCommand, DumpCommand, ConfigCheckCommand>;

/// What the command line asks for: a command, or (help, version, a mistake) text and a status to end with at once.
struct CommandLine {
  std::optional<Command> command;
  std::string config_file;  // of -c; empty: the default chain
  ExitStatus status = ExitStatus::done;
  std::string out;  // for stdout
  std::string err;  // for stderr
};

/// `words` are argv without the program's name.
CommandLine parse_command_line(const std::vector<std::string>& words);

}  // namespace postern::daemon
