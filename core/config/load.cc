#include "core/config/load.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/bytes.h"
#include "core/config/read_keyword_map.h"
#include "core/config/read_mailbox_map.h"
#include "core/config/read_server.h"
#include "core/config/yaml_section.h"

namespace postern::config {

namespace {

constexpr std::uintmax_t kMostOctets = 16 * 1024 * 1024;

using std::chrono::seconds;

/// Reads one file's tree. A value made from a file with mistakes is thrown away, so the reading goes on after each.
class Loader {
 public:
  Loader(const std::string& file, MistakeList& mistakes) : file_(file), mistakes_(mistakes) {
    const auto parent = std::filesystem::absolute(file).lexically_normal().parent_path();
    folder_ = parent.string();
  }

  Config load(const YAML::Node& root) {
    Config config;
    config.file = file_;
    const Section top(mistakes_, "", "file", root, YAML::Node(YAML::NodeType::Undefined), root.Mark());
    read_vault(top, config);
    read_defaults(top);
    read_accounts(top, config);
    read_listen(top, config);
    const Section limits = top.section("limits", "limits");
    config.limits.accounts = static_cast<unsigned>(limits.number("accounts", 1, 10'000).value_or(16));
    if (const auto mib = limits.number("memory", 1, 1'048'576)) config.limits.memory = *mib << 20;
    read_log(top, config);
    return config;
  }

 private:
  void read_vault(const Section& top, Config& config) {
    if (!top.has("vault"))
      return top.error(
          "the key 'vault' is missing; write where the mail is to be kept: "
          "'vault: {path: /var/lib/postern/vault}'");
    const Section vault = top.section("vault", "vault");
    const std::string path = vault.required_text("path");
    if (!path.empty()) config.vault_path = path_from(folder_, path);
    const Section compression = vault.section("compression", "compression");
    if (const auto level = compression.number("level", 1, 19)) config.compression.level = static_cast<int>(*level);
    config.compression.dictionary = compression.boolean("dictionary").value_or(config.compression.dictionary);
  }

  void read_defaults(const Section& top) {
    defaults_.reset(top.find("defaults"));
    if (!defaults_.IsDefined()) return;
    // Checks the keys here, once; the values are read, and reported, as part of each account that takes them.
    const Section section = top.section("defaults", "defaults");
    for (const std::string_view side : {"source", "target"}) {
      const Section server = section.section(side, side);
      if (side == "source") (void)server.section("mailboxes", "mailboxes");
    }
  }

  void read_accounts(const Section& top, Config& config) {
    const YAML::Node list = top.find("accounts");
    if (!list.IsDefined() || list.IsNull())
      return top.error("the key 'accounts' is missing; list at least one account");
    if (!list.IsSequence()) return top.error("accounts", "must be a list: begin each account with '- name: …'");
    if (list.size() == 0) return top.error("accounts", "must hold at least one account");
    std::map<std::string, int> lines;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Section section(mistakes_, "accounts[" + std::to_string(i) + "]", "account", list[i], defaults_,
                            list[i].Mark());
      config.accounts.push_back(read_account(section));
      const std::string& name = config.accounts.back().name;
      const int line = section.find("name").IsDefined() ? section.find("name").Mark().line + 1 : 0;
      const auto [other, fresh] = lines.emplace(name, line);
      if (!fresh && !name.empty()) {
        section.error("name", "the account '" + name + "' stands already in line " + std::to_string(other->second));
      }
    }
  }

  Account read_account(const Section& section) {
    Account account;
    account.name = section.required_text("name");
    check_name(section, account.name);
    if (section.has("source")) {
      const Section source = section.section("source", "source");
      account.source = read_server(source, folder_);
      account.mailboxes = read_mailboxes(source);
      account.flag_sweep = source.duration("flag_sweep").value_or(account.flag_sweep);
    } else {
      section.error("the key 'source' is missing");
    }
    // A target under `defaults` completes the targets that accounts have; it gives none to an account without one.
    if (section.has_own("target")) {
      account.target = read_server(section.section("target", "target"), folder_);
      check_sides(section, account.source, *account.target);
    }
    account.mailbox_map = read_mailbox_map(section, mistakes_);
    account.keyword_map = read_keyword_map(section, mistakes_);
    account.every = read_schedule(section);
    account.deletes =
        section
            .choice<Deletes>("deletes",
                             {{"keep", Deletes::keep}, {"trash", Deletes::trash}, {"mirror", Deletes::mirror}})
            .value_or(account.deletes);
    account.delete_source = read_delete_source(section, account.target.has_value());
    account.flags = read_flags(section, account);
    return account;
  }

  static std::optional<std::chrono::seconds> read_delete_source(const Section& section, bool has_target) {
    const auto after = section.choice<bool>("delete_source", {{"never", false}, {"after_verified", true}});
    const auto grace = section.duration("grace");
    const bool deletes = after.value_or(false);
    if (grace && !deletes && section.has_own("grace")) {
      section.error("grace", "says when 'delete_source: after_verified' deletes; without that it means nothing");
    }
    if (deletes && !has_target) {
      if (section.has_own("delete_source")) {
        section.error("delete_source", "needs a 'target': only what was read back from there is deleted at the source");
      }
      return std::nullopt;
    }
    if (!deletes) return std::nullopt;
    return grace.value_or(std::chrono::seconds(0));
  }

  /// What stands under `defaults` is for the accounts that it fits.
  static Flags read_flags(const Section& section, const Account& account) {
    const auto flags = section.choice<Flags>("flags", {{"replay", Flags::replay}, {"two_way", Flags::two_way}});
    if (flags.value_or(Flags::replay) == Flags::replay) return Flags::replay;
    if (!account.target) {
      if (section.has_own("flags")) section.error("flags", "needs a 'target' whose changes are brought to the source");
      return Flags::replay;
    }
    if (account.delete_source) {
      section.error("flags",
                    "'two_way' changes flags at the source, where 'delete_source: after_verified' leaves no "
                    "messages; give one of the two");
    }
    return Flags::two_way;
  }

  static void check_name(const Section& section, const std::string& name) {
    if (name.starts_with('-')) section.error("name", "must not begin with '-'");
    if (name.size() > 128) section.error("name", "must not be longer than 128 octets");
  }

  static void check_sides(const Section& section, const Server& source, const Server& target) {
    // One server listens on both of IMAP's ports.
    const auto service = [](const Server& server) { return server.port == 143 ? std::uint16_t{993} : server.port; };
    if (!source.host.empty() && source.origin() == target.origin() && service(source) == service(target)) {
      section.error("target", "is the same mailbox as the source; every message would be copied onto itself");
    }
  }

  MailboxFilter read_mailboxes(const Section& source) {
    const Section section = source.section("mailboxes", "mailboxes");
    MailboxFilter filter{section.texts("include"), section.texts("exclude")};
    for (const std::string& pattern : filter.include) {
      if (std::find(filter.exclude.begin(), filter.exclude.end(), pattern) != filter.exclude.end()) {
        section.error("exclude", "'" + pattern + "' is both included and excluded");
      }
    }
    return filter;
  }

  std::optional<seconds> read_schedule(const Section& section) {
    const YAML::Node schedule = section.find("schedule");
    if (!schedule.IsDefined()) return std::nullopt;
    if (schedule.IsScalar() && schedule.Scalar() == "manual") return std::nullopt;
    if (!schedule.IsMap()) {
      section.error("schedule", "must be 'manual' or '{every: 15m}'");
      return std::nullopt;
    }
    // Not merged with the one under `defaults`: an account's own schedule replaces it.
    const YAML::Node none(YAML::NodeType::Undefined);
    const Section own(mistakes_, section.path_of("schedule"), "schedule", schedule, none, schedule.Mark());
    const auto every = own.duration("every");
    if (every && *every < seconds(1)) own.error("every", "must be at least 1s");
    if (!own.has("every") && !own.has("cron") && !own.has("continuous")) own.error("the key 'every' is missing");
    return every;
  }

  void read_listen(const Section& top, Config& config) {
    const auto text = top.text("listen");
    if (!text) return;
    Listen listen{"127.0.0.1", 0};
    std::string port = *text;
    if (const auto colon = text->rfind(':'); colon != std::string::npos) {
      listen.host = text->substr(0, colon);
      port = text->substr(colon + 1);
      if (listen.host.starts_with('[') && listen.host.ends_with(']')) {
        listen.host = listen.host.substr(1, listen.host.size() - 2);
      }
    }
    const bool digits = !port.empty() && port.size() <= 5 &&
                        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    const int number = digits ? std::stoi(port) : 0;
    if (number < 1 || number > 65'535 || (listen.host != "localhost" && !is_address(listen.host))) {
      return top.error("listen", "must be a port such as 9187, or an address and a port such as 127.0.0.1:9187");
    }
    listen.port = static_cast<std::uint16_t>(number);
    config.listen = listen;
  }

  static void read_log(const Section& top, Config& config) {
    const Section section = top.section("log", "log");
    config.log.level = section
                           .choice<log::Level>("level", {{"debug", log::Level::debug},
                                                         {"info", log::Level::info},
                                                         {"warning", log::Level::warning},
                                                         {"error", log::Level::error},
                                                         {"off", log::Level::off}})
                           .value_or(log::Level::info);
    config.log.format =
        section.choice<log::Format>("format", {{"text", log::Format::text}, {"json", log::Format::json}})
            .value_or(log::Format::text);
  }

  std::string file_;
  std::string folder_;
  MistakeList& mistakes_;
  YAML::Node defaults_{YAML::NodeType::Undefined};
};

Loaded unreadable(const std::string& path, std::string why) {
  return {std::nullopt, {{Mistake::Severity::error, path, 0, 0, std::move(why)}}};
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& file) {
  MistakeList mistakes(file);
  Config config;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.empty() || documents[0].IsNull())
      return unreadable(file, "the file is empty; see 'postern --help' for a first one");
    if (documents.size() > 1) mistakes.add(documents[1].Mark(), "a second document begins here; there may be one only");
    config = Loader(file, mistakes).load(documents[0]);
  } catch (const YAML::Exception& exception) {
    mistakes.add(exception.mark, "this is no YAML: " + exception.msg);
  }
  Loaded loaded{std::nullopt, mistakes.take()};
  if (!has_errors(loaded.mistakes)) loaded.config = std::move(config);
  return loaded;
}

Loaded load_file(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (!std::filesystem::exists(status)) {
    return unreadable(path, "there is no such file; name the configuration with -c FILE or $POSTERN_CONFIG");
  }
  if (std::filesystem::is_directory(status)) return unreadable(path, "is a folder; name the configuration file in it");
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  if (stream) {
    // In pieces: memory for the largest file allowed would be more than the rest of a short command takes.
    std::array<char, 64 * 1024> piece;
    while (text.size() <= kMostOctets && stream.read(piece.data(), piece.size()).gcount() > 0) {
      text.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    }
  }
  if (!stream.is_open() || stream.bad()) return unreadable(path, "cannot be read; check its permissions");
  if (text.size() > kMostOctets) return unreadable(path, "is larger than 16 MiB; name the configuration file");
  return load_text(text, path);
}

}  // namespace postern::config
