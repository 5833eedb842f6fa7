#include "core/config/schema.h"

#include <array>
#include <utility>

namespace postern::config {

namespace {

constexpr Key kFile[] = {
    {"vault", "vault"},
    {"accounts", "account"},
    {"defaults", "defaults"},
    {"listen"},
    {"limits", "limits"},
    {"log", "log"},
    {"accounts_from", "", "list the accounts under 'accounts'"},
    {"report", "", "read 'postern status --json' instead"},
    {"offsite", "", "copy the vault's folder while the daemon is stopped instead"},
};

constexpr Key kVault[] = {
    {"path"},
    {"compression", "compression"},
    {"encryption", "", "keep the vault on an encrypted file system instead"},
    {"retention", "", "the vault keeps every message"},
};

constexpr Key kCompression[] = {{"level"}, {"dictionary"}};

constexpr Key kAccount[] = {
    {"name"},
    {"source", "source"},
    {"target", "target"},
    {"schedule", "schedule"},
    {"deletes"},
    {"flags"},
    {"delete_source"},
    {"grace"},
    {"targets", "", "give one 'target'"},
    {"mailbox_map", "mailbox_map"},
    {"keyword_map"},
    {"labels", "", "labels arrive as the mailboxes that the server shows"},
};

constexpr Key kDefaults[] = {
    {"source", "source"},
    {"target", "target"},
    {"schedule", "schedule"},
    {"deletes"},
    {"flags"},
    {"delete_source"},
    {"grace"},
    {"targets", "", "give one 'target'"},
    {"mailbox_map", "mailbox_map"},
    {"keyword_map"},
    {"labels", "", "labels arrive as the mailboxes that the server shows"},
};

constexpr std::string_view kNoToken = "give a password: password_file, password_env or password_command";
constexpr std::string_view kInline =
    "a secret never stands in this file: write it to a file of mode 0600 and name that with password_file, or use "
    "password_env or password_command";

#define POSTERN_SERVER_KEYS                                                                                            \
  {"protocol"}, {"host"}, {"port"}, {"tls"}, {"insecure_plaintext"}, {"tls_ca_file"}, {"user"}, {"authorize_as"},      \
      {"password_file"}, {"password_env"}, {"password_command"}, {"auth"}, {"connections"}, {"profile"}, {"compress"}, \
      {"disable"}, {"oauth2", "", kNoToken}, {"access_token_file", "", kNoToken}, {                                    \
    "password", "", kInline                                                                                            \
  }

constexpr Key kSource[] = {POSTERN_SERVER_KEYS, {"mailboxes", "mailboxes"}, {"flag_sweep"}};
constexpr Key kTarget[] = {POSTERN_SERVER_KEYS,
                           {"mailboxes", "", "choose with the source's 'mailboxes' what is pulled, and so replayed"},
                           {"flag_sweep", "", "flags are swept at the source: put it under 'source'"}};
#undef POSTERN_SERVER_KEYS

constexpr Key kMailboxes[] = {{"include"}, {"exclude"}};

constexpr Key kMailboxMap[] = {
    {"from"},
    {"match"},
    {"to"},
    {"merge"},
};

constexpr Key kSchedule[] = {
    {"every"},
    {"cron", "", "use 'every', or run 'postern sync' from cron"},
    {"continuous", "", "use a short 'every', such as 1m"},
};

constexpr Key kLimits[] = {
    {"accounts"},
    {"memory"},
    {"connections", "", "limit 'accounts' and each server's 'connections'"},
    {"bandwidth", "", "limit 'accounts' instead"},
};

constexpr Key kLog[] = {{"level"}, {"format"}};

constexpr std::pair<std::string_view, std::span<const Key>> kSections[] = {
    {"file", kFile},
    {"vault", kVault},
    {"compression", kCompression},
    {"account", kAccount},
    {"defaults", kDefaults},
    {"source", kSource},
    {"target", kTarget},
    {"limits", kLimits},
    {"mailboxes", kMailboxes},
    {"mailbox_map", kMailboxMap},
    {"schedule", kSchedule},
    {"log", kLog},
};

void collect(std::string_view section, const std::string& prefix, std::vector<std::string>& into) {
  for (const Key& key : keys_of(section)) {
    if (!key.refused.empty()) continue;
    const std::string path =
        prefix + std::string(key.name) + (key.section == "account" || key.section == "mailbox_map" ? "[]" : "");
    into.push_back(path);
    if (!key.section.empty()) collect(key.section, path + ".", into);
  }
}

}  // namespace

std::span<const Key> keys_of(std::string_view section) {
  for (const auto& [name, keys] : kSections) {
    if (name == section) return keys;
  }
  return {};
}

std::vector<std::string> supported_paths() {
  std::vector<std::string> paths;
  collect("file", "", paths);
  return paths;
}

}  // namespace postern::config
