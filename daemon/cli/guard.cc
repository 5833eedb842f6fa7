#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/base/escape.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/moment.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"

namespace postern::daemon {

namespace {

using nlohmann::ordered_json;

/// For programs: never renamed.
std::string_view name_of(GuardHold::Reason reason) {
  switch (reason) {
    case GuardHold::Reason::many:
      return "many";
    case GuardHold::Reason::emptied:
      return "emptied";
    case GuardHold::Reason::mailboxes_vanished:
      return "mailboxes_vanished";
    case GuardHold::Reason::other_account:
      return "other_account";
    case GuardHold::Reason::server_reverted:
      return "server_reverted";
  }
  return "unknown";
}

std::string_view in_words(GuardHold::Reason reason) {
  switch (reason) {
    case GuardHold::Reason::many:
      return "too many at once";
    case GuardHold::Reason::emptied:
      return "the mailbox became empty";
    case GuardHold::Reason::mailboxes_vanished:
      return "several mailboxes vanished at once";
    case GuardHold::Reason::other_account:
      return "the source is another account";
    case GuardHold::Reason::server_reverted:
      return "the source went back to an earlier state";
  }
  return "unknown";
}

std::string_view name_of(AuditRecord::Action action) {
  switch (action) {
    case AuditRecord::Action::trashed:
      return "trashed";
    case AuditRecord::Action::expunged:
      return "expunged";
    case AuditRecord::Action::flagged_deleted:
      return "flagged_deleted";
    case AuditRecord::Action::second_copy:
      return "second_copy";
    case AuditRecord::Action::source_expunged:
      return "source_expunged";
    case AuditRecord::Action::moved:
      return "moved";
  }
  return "unknown";
}

/// What an account's mailboxes and targets are called.
struct Names {
  std::map<MailboxId, std::string> mailboxes;
  std::map<TargetId, std::string> targets;

  std::string target(TargetId id) const {
    const auto found = targets.find(id);
    return found == targets.end() ? std::string("source") : found->second;
  }
};

Result<Names> names_of(const storage::Vault& vault, AccountId account) {
  Names names;
  const auto mailboxes = vault.mailboxes(account);
  if (!mailboxes) return fail(mailboxes.error());
  for (const MailboxRecord& mailbox : *mailboxes) names.mailboxes[mailbox.id] = mailbox.name.display();
  const auto targets = vault.targets(account);
  if (!targets) return fail(targets.error());
  for (const storage::Target& target : *targets) names.targets[target.id] = target.name;
  return names;
}

void print(const std::string& account, const Names& names, const GuardHold& hold, bool json, std::ostream& out) {
  const auto mailbox = names.mailboxes.find(hold.mailbox);
  const std::string name = mailbox == names.mailboxes.end() ? "" : mailbox->second;
  if (json) {
    out << json_text({{"account", account},
                      {"target", names.target(hold.target)},
                      {"mailbox", name},
                      {"reason", name_of(hold.reason)},
                      {"deletions", hold.uids.size()},
                      {"of", hold.of},
                      {"uidvalidity", hold.uidvalidity.value()},
                      {"uids", hold.uids.to_string()},
                      {"since", format_moment(hold.since)},
                      {"acknowledged", hold.acknowledged},
                      {"detail", hold.detail}})
        << '\n';
    return;
  }
  out << fmt::format("{}: {}: {} of {} messages would be deleted on {}: {}{} (since {}){}\n",
                     escape_for_people(account), escape_for_people(name), with_thousands(hold.uids.size()),
                     with_thousands(hold.of), escape_for_people(names.target(hold.target)), in_words(hold.reason),
                     hold.detail.empty() ? "" : ": " + escape_for_people(hold.detail), format_moment(hold.since),
                     hold.acknowledged ? "; let through, in the next pass" : "");
}

/// How many deletions wait for a person.
Result<std::uint64_t> list_holds(const storage::Vault& vault, const storage::Account& account, bool json,
                                 std::ostream& out) {
  const auto names = names_of(vault, account.id);
  if (!names) return fail(names.error());
  const auto holds = vault.guard_holds(account.id);
  if (!holds) return fail(holds.error());
  std::uint64_t waiting = 0;
  for (const GuardHold& hold : *holds) {
    print(account.name, *names, hold, json, out);
    if (!hold.acknowledged) waiting += hold.uids.size();
  }
  return waiting;
}

Result<std::uint64_t> list_audit(const storage::Vault& vault, const storage::Account& account, bool json,
                                 std::ostream& out) {
  const auto names = names_of(vault, account.id);
  if (!names) return fail(names.error());
  const auto visited = vault.for_each_audit(account.id, [&](std::uint64_t seq, const AuditRecord& row) {
    const std::string where = names->target(row.target);
    if (json) {
      out << json_text({{"account", account.name},
                        {"sequence", seq},
                        {"at", format_moment(row.at)},
                        {"action", name_of(row.action)},
                        {"server", where},
                        {"mailbox", row.mailbox},
                        {"uidvalidity", row.uidvalidity.value()},
                        {"uid", row.uid.value()},
                        {"digest", row.digest.to_hex()}})
          << '\n';
    } else {
      out << fmt::format("{} {}: {}: {}: UID {}: {} {}\n", format_moment(row.at), escape_for_people(account.name),
                         escape_for_people(where), escape_for_people(row.mailbox), row.uid.value(), name_of(row.action),
                         row.digest.to_hex());
    }
    return true;
  });
  if (!visited) return fail(visited.error());
  return std::uint64_t{0};
}

/// The source of the configuration, where the vault was filled from another one, so that nothing is deleted; else
/// empty.
Result<std::string> other_source(const storage::Vault& vault, const config::Config& config,
                                 const storage::Account& account) {
  const auto known = vault.origin(account.id);
  if (!known) return fail(known.error());
  for (const config::Account& one : config.accounts) {
    if (one.name == account.name && !known->empty() && one.source.origin() != *known) return one.source.origin();
  }
  return std::string();
}

/// Whether a person has to look at it.
Result<bool> list_other_source(const storage::Vault& vault, const config::Config& config,
                               const storage::Account& account, bool json, std::ostream& out) {
  const auto source = other_source(vault, config, account);
  if (!source) return fail(source.error());
  if (source->empty()) return false;
  if (json) {
    out << json_text({{"account", account.name},
                      {"reason", name_of(GuardHold::Reason::other_account)},
                      {"source", *source},
                      {"deletions", 0}})
        << '\n';
  } else {
    out << fmt::format(
        "{}: the source {} is not the account that filled the vault: nothing is deleted at either side\n",
        escape_for_people(account.name), escape_for_people(*source));
  }
  return true;
}

ExitStatus list(const GuardCommand& command, const config::Config& config, Console& console) {
  const auto vault = open_for_reading(config);
  if (!vault) return report(vault.error(), console);
  const auto accounts = named_accounts(**vault, config, command.account);
  if (!accounts) return report(accounts.error(), console);
  std::uint64_t waiting = 0;
  bool attention = false;
  for (const storage::Account& account : *accounts) {
    if (!command.audit) {
      auto other = list_other_source(**vault, config, account, command.json, console.out);
      if (!other) return report(other.error().at(account.name), console);
      attention = attention || *other;
    }
    auto listed = (command.audit ? list_audit : list_holds)(**vault, account, command.json, console.out);
    if (!listed) return report(listed.error().at(account.name), console);
    waiting += *listed;
  }
  if (waiting == 0 && !attention) return ExitStatus::done;
  if (!command.json) {
    console.out << "Nothing of this is deleted before a person lets it through: postern guard ack ACCOUNT [MAILBOX]\n";
  }
  return ExitStatus::attention;
}

/// A person who lets through an account as a whole says that its source is the right one, too.
Result<bool> believe_source(storage::Vault& vault, const config::Config& config, AccountId id,
                            const GuardCommand& command, std::ostream& out) {
  if (!command.mailbox.empty()) return false;
  const auto source = other_source(vault, config, {.id = id, .name = command.account});
  if (!source) return fail(source.error());
  if (source->empty()) return false;
  if (auto set = vault.set_origin(id, *source); !set) return fail(set.error());
  if (!command.json) {
    out << fmt::format("{}: {} is taken for the account that filled the vault from now on\n",
                       escape_for_people(command.account), escape_for_people(*source));
  }
  return true;
}

/// Lets through what is held at this moment, and no message that joins it later.
Result<void> let_through(const GuardCommand& command, const config::Config& config, std::ostream& out) {
  const auto vault = open_for_writing(config, "postern guard ack");
  if (!vault) return fail(vault.error());
  const auto account = find_account(**vault, config, command.account);
  if (!account) return fail(account.error());
  const auto names = names_of(**vault, *account);
  if (!names) return fail(names.error());
  auto holds = (*vault)->guard_holds(*account);
  if (!holds) return fail(holds.error());
  if (!command.mailbox.empty()) {
    const auto view = AccountView::open(**vault, *account, "", WallTime{});
    if (!view) return fail(view.error());
    const auto mailbox = view->mailbox(command.mailbox);
    if (!mailbox) return fail(mailbox.error());
    std::erase_if(*holds, [&](const GuardHold& hold) { return hold.mailbox != mailbox->id; });
  }
  const auto through = (*vault)->acknowledge_holds(*account, std::move(*holds));
  if (!through) return fail(through.error());
  const auto believed = believe_source(**vault, config, *account, command, out);
  if (!believed) return fail(believed.error());
  for (const GuardHold& hold : *through) print(command.account, *names, hold, command.json, out);
  if (!command.json) {
    if (through->empty()) {
      if (!*believed) out << "nothing is held\n";
    } else {
      out << "The next pass deletes these: postern sync " << escape_for_people(command.account) << '\n';
    }
  }
  return (*vault)->close();
}

}  // namespace

ExitStatus run_command(const GuardCommand& command, const config::Config& config, Console& console) {
  if (!command.ack) return list(command, config, console);
  const auto done = let_through(command, config, console.out);
  return done ? ExitStatus::done : report(done.error(), console);
}

}  // namespace postern::daemon
