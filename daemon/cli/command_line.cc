#include "daemon/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <sstream>

#include "core/base/escape.h"
#include "core/config/suggest.h"

namespace postern::daemon {

namespace {

constexpr const char* kAbout =
    "Postern keeps mail safe and moves it: it pulls mailboxes over IMAP into a vault and replays them to other "
    "servers.";

constexpr const char* kFirstSteps = R"(First steps:
  1. Write postern.yaml:
       vault: {path: /var/lib/postern/vault}
       accounts:
         - name: alice
           source: {host: imap.old.example, user: alice, password_file: /run/secrets/alice-old}
           target: {host: imap.new.example, user: alice, password_file: /run/secrets/alice-new}
     (leave 'target' away for a backup)
  2. postern config check      is the file right?
  3. postern sync              one pass of every account, with progress
  4. postern run               the daemon: passes by schedule, metrics

Exit status: 0 all done; 1 failed; 2 bad usage or configuration; 3 the vault is in use by another process;
4 done, but something needs a person.)";

constexpr const char* kMoments =
    "\nA moment is a snapshot's name or a time: 2026-03-01T12:00:00Z, '2026-03-01 12:00', 2026-03-01, 'yesterday "
    "18:00'.\n"
    "Times without a zone are UTC; what was in the vault by then is shown.";

/// Words of the product that this version does not have; better answered by name than by "unknown".
constexpr std::pair<std::string_view, std::string_view> kLater[] = {
    {"plan", "'postern sync' shows what it does while it does it"},
    {"restore", "'postern export' writes files that every mail program can import"},
    {"verify", "'postern check --read-data' re-hashes the vault's own messages"},
    {"forget", "the vault keeps every message"},
    {"gc", "the vault keeps every message"},
    {"key", "keep the vault on an encrypted file system"},
};

/// The application and the values that its options write to.
struct Parser {
  CLI::App app{kAbout, "postern"};
  std::string config_file;
  Command chosen = ConfigCheckCommand{};
  std::vector<std::unique_ptr<Command>> bound;  // options point into these

  Parser() {
    app.footer(kFirstSteps);
    app.set_version_flag("--version", "postern " POSTERN_VERSION, "Print the version");
    app.add_option("-c,--config", config_file,
                   "The configuration file [$POSTERN_CONFIG, else ./postern.yaml, else /etc/postern/postern.yaml]")
        ->type_name("FILE");
    app.require_subcommand(1);
    app.fallthrough();
    app.failure_message(CLI::FailureMessage::simple);
  }

  /// A subcommand whose options are bound to a T that becomes `chosen`.
  template <class T>
  std::pair<CLI::App*, T*> add(CLI::App& parent, const char* name, const char* about, const char* footer) {
    bound.push_back(std::make_unique<Command>(T{}));
    Command* command = bound.back().get();
    CLI::App* sub = parent.add_subcommand(name, about);
    sub->footer(footer);
    sub->callback([this, command] { chosen = *command; });
    return {sub, &std::get<T>(*command)};
  }

  void add_syncing();
  void add_guard();
  void add_doing();
  void add_looking();
};

ExportCommand::Format format_named(const std::string& word) {
  if (word == "maildir") return ExportCommand::Format::maildir;
  if (word == "eml") return ExportCommand::Format::eml;
  if (word == "mbox") return ExportCommand::Format::mbox;
  throw CLI::ValidationError("--format", "'" + word + "' is no format, take maildir or eml");
}

constexpr const char* kJson = "One JSON document, or JSON lines, on stdout";

void Parser::add_syncing() {
  add<RunCommand>(app, "run", "The daemon: passes by schedule, metrics and probes, until SIGTERM",
                  "Example:\n  postern run -c /etc/postern/postern.yaml");

  const auto [sync, s] = add<SyncCommand>(
      app, "sync", "One pass of the named accounts (default all), with progress and a closing table",
      "What was done stays done when it is interrupted: the next pass goes on from there.\n\nExamples:\n"
      "  postern sync\n  postern sync alice bob\n  postern sync --pull-only --json");
  sync->add_option("ACCOUNT", s->accounts, "The accounts [all]")->type_name("");
  auto* pull = sync->add_flag("--pull-only", s->pull_only, "Pull the sources into the vault, leave the targets");
  sync->add_flag("--replay-only", s->replay_only, "Replay the vault to the targets, leave the sources")->excludes(pull);
  sync->add_flag("--json", s->json, kJson);
}

void Parser::add_doing() {
  const auto [exports, e] = add<ExportCommand>(
      app, "export", "Writes an account's messages as files",
      "The folder must be empty or not there yet. Octets are exact; flags and dates are kept (keywords in each\n"
      "Maildir's dovecot-keywords).\n\nExamples:\n"
      "  postern export alice --format maildir --to /tmp/alice\n"
      "  postern export alice --format maildir --to /tmp/alice --at 'yesterday 18:00'");
  exports->add_option("ACCOUNT", e->account, "The account")->type_name("")->required();
  exports
      ->add_option_function<std::string>(
          "--format", [e = e](const std::string& word) { e->format = format_named(word); },
          "maildir (Maildir++) or eml (one file a message)")
      ->required()
      ->type_name("maildir|eml");
  exports->add_option("--to", e->to, "The folder to write to")->required()->type_name("DIR");
  exports->add_option("--at", e->at, "The moment [now]")->type_name("SNAPSHOT|TIME");
  exports->add_option("--mailbox", e->mailbox, "Only this mailbox [all]")->type_name("MAILBOX");

  const auto [check, c] = add<CheckCommand>(app, "check", "The vault's own integrity",
                                            "Examples:\n  postern check\n  postern check --read-data --json");
  check->add_flag("--read-data", c->read_data, "Also re-make and re-hash every message");
  check->add_flag("--json", c->json, kJson);

  const auto [dump, d] = add<DumpCommand>(
      app, "dump", "Any key and record of the vault in words",
      "For those who read storage/FORMAT.md: rows of one of its families, or without one how many each has. Mail "
      "itself\n"
      "is not shown; see 'postern cat'.\n\nExamples:\n"
      "  postern dump\n  postern dump history --limit 20\n  postern dump entry --key 0000000100000002 --octets");
  dump->add_option("FAMILY", d->family, "The family: entry, history, object … [a table of all]")->type_name("");
  dump->add_option("--key", d->key, "Only rows whose key begins so")->type_name("HEX");
  dump->add_option("--limit", d->limit, "At most so many rows [all]")->type_name("N");
  dump->add_flag("--octets", d->octets, "Also key and value in hexadecimal");
  dump->add_flag("--json", d->json, "One JSON object a line");

  CLI::App* config = app.add_subcommand("config", "The configuration file");
  config->require_subcommand(1);
  config->footer("Example:\n  postern config check");
  const auto [config_check, cc] =
      add<ConfigCheckCommand>(*config, "check", "Validates the file and says every mistake with file:line:column",
                              "Examples:\n  postern config check\n  postern -c new.yaml config check");
  config_check->add_flag("--json", cc->json, kJson);
}

void Parser::add_looking() {
  const auto [status, st] = add<StatusCommand>(app, "status", "Each account's state, progress, lag and last error",
                                               "Works beside a running daemon.\n\nExamples:\n  postern status\n"
                                               "  postern status alice --json");
  status->add_option("ACCOUNT", st->accounts, "The accounts [all]")->type_name("");
  status->add_flag("--json", st->json, kJson);

  const auto [ls, l] = add<LsCommand>(app, "ls", "The entries of an account, one line each",
                                      "Examples:\n  postern ls alice\n  postern ls alice INBOX --json\n"
                                      "  postern ls alice --at 'yesterday 18:00'");
  ls->add_option("ACCOUNT", l->account, "The account")->type_name("")->required();
  ls->add_option("MAILBOX", l->mailbox, "Only this mailbox [all]")->type_name("");
  ls->add_option("--at", l->at, std::string("The moment [now]"))->type_name("SNAPSHOT|TIME");
  ls->add_flag("--json", l->json, kJson);
  ls->footer(ls->get_footer() + "\n" + kMoments);

  const auto [cat, ct] =
      add<CatCommand>(app, "cat", "The exact octets of a message to stdout",
                      "The digest is in 'postern ls'.\n\nExample:\n  postern cat alice 9f86d0… > m.eml");
  cat->add_option("ACCOUNT", ct->account, "The account")->type_name("")->required();
  cat->add_option("DIGEST", ct->digest, "64 hexadecimal digits")->type_name("")->required();

  const auto [snapshots, sn] =
      add<SnapshotsCommand>(app, "snapshots", "The moments one can go back to", "Example:\n  postern snapshots alice");
  snapshots->add_option("ACCOUNT", sn->account, "The account [all]")->type_name("");
  snapshots->add_flag("--json", sn->json, kJson);

  const auto [quarantine, q] =
      add<QuarantineCommand>(app, "quarantine", "What is held back and why",
                             "Held messages are tried again by themselves, later each time. "
                             "With --retry the next pass tries them\nall. It writes to the vault: "
                             "while a daemon runs it ends with status 3, so stop the daemon "
                             "first.\n\nExamples:\n"
                             "  postern quarantine alice\n"
                             "  postern quarantine alice --retry && postern sync alice");
  quarantine->add_option("ACCOUNT", q->account, "The account [all]")->type_name("");
  quarantine->add_flag("--retry", q->retry, "Make what is held back due now, for the next pass to try");
  quarantine->add_flag("--json", q->json, kJson);
}

void Parser::add_guard() {
  const auto [guard, g] = add<GuardCommand>(
      app, "guard", "Mass deletions that wait for a person; lets them through",
      "Deletions above the limits are not carried out on a target: more than 20 messages and a fifth of a mailbox at "
      "once,\na mailbox that becomes empty, several mailboxes that vanish, a source that is another account. "
      "'ack' lets through what is\nheld at that moment, nothing that joins it later. It writes to the vault: while a "
      "daemon runs it ends with status 3, so\nstop the daemon first.\n\nExamples:\n"
      "  postern guard\n"
      "  postern guard ack alice INBOX && postern sync alice\n"
      "  postern guard alice --audit");
  guard->add_option("ACCOUNT", g->account, "The account [all]")->type_name("");
  auto* audit = guard->add_flag("--audit", g->audit, "What was deleted at servers, the oldest first");
  guard->add_flag("--json", g->json, kJson);
  guard->require_subcommand(0, 1);
  CLI::App* ack = guard->add_subcommand("ack", "Let through what is held now");
  ack->add_option("ACCOUNT", g->account, "The account")->type_name("")->required();
  ack->add_option("MAILBOX", g->mailbox, "Only this mailbox [all]")->type_name("");
  ack->add_flag("--json", g->json, kJson);
  ack->footer("Example:\n  postern guard ack alice INBOX");
  ack->excludes(audit);
  ack->callback([command = g] { command->ack = true; });  // before the callback of `guard`
}

/// The word that is to be a command; empty when there is none.
std::string first_word(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-c" || words[i] == "--config") {
      ++i;
    } else if (!words[i].starts_with('-')) {
      return words[i];
    }
  }
  return "";
}

/// What CLI11 says, in the words of the rest, and whose help says more.
std::string bad_usage(const CLI::ParseError& mistake, const CLI::App& app) {
  std::string command = "postern";
  const CLI::App* deepest = &app;
  while (!deepest->get_subcommands().empty()) {
    deepest = deepest->get_subcommands().front();
    command += " " + deepest->get_name();
  }
  std::string text = mistake.what();
  if (text == "A subcommand is required") {
    text = "a command is missing, one of";
    for (const CLI::App* one : deepest->get_subcommands({})) text += " " + one->get_name();
  }
  return escape_for_people(text) + "; see '" + command + " --help'";
}

/// What is to be said of a word that is no command; empty for one that is.
std::string unknown_command(const std::string& word, const CLI::App& app) {
  if (word.empty()) return "";
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == word) return "";
    names.push_back(command->get_name());
  }
  for (const auto& [name, instead] : kLater) {
    if (word == name) return "'" + word + "' is not part of this version: " + std::string(instead);
  }
  const std::string_view near = config::nearest(word, names);
  return "'" + escape_for_people(word, 80) + "' is no command" +
         (near.empty() ? "" : ", did you mean '" + std::string(near) + "'?");
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words) {
  CommandLine line;
  Parser parser;
  parser.add_syncing();
  parser.add_doing();
  parser.add_looking();
  parser.add_guard();
  if (auto unknown = unknown_command(first_word(words), parser.app); !unknown.empty()) {
    line.status = ExitStatus::usage;
    line.err = "postern: " + unknown + "; see 'postern --help'\n";
    return line;
  }
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
  try {
    parser.app.parse(reversed);
    line.command = parser.chosen;
    line.config_file = parser.config_file;
  } catch (const CLI::Success& wanted) {  // --help, --version
    std::ostringstream out;
    std::ostringstream err;
    parser.app.exit(wanted, out, err);
    line.out = out.str();
  } catch (const CLI::ParseError& mistake) {
    line.status = ExitStatus::usage;
    line.err = "postern: " + bad_usage(mistake, parser.app) + "\n";
  }
  return line;
}

}  // namespace postern::daemon
