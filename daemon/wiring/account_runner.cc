#include "daemon/wiring/account_runner.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/stop_point.h"
#include "core/client/imap_settings.h"
#include "core/config/secret_source.h"
#include "core/io/worker_pool.h"
#include "daemon/wiring/imap_source.h"
#include "daemon/wiring/imap_source_writer.h"
#include "daemon/wiring/imap_target.h"
#include "daemon/wiring/vault_port.h"

namespace postern::daemon {

namespace {

constexpr const char* kTargetName = "target";  // persisted, as the name of an account's one target: DO NOT CHANGE

TlsMode to_mode(config::Tls tls) {
  switch (tls) {
    case config::Tls::implicit:
      return TlsMode::implicit;
    case config::Tls::starttls:
      return TlsMode::starttls;
    case config::Tls::none:
      return TlsMode::none;
  }
  return TlsMode::implicit;
}

std::optional<sasl::Method> to_method(config::Auth auth) {
  switch (auth) {
    case config::Auth::automatic:
      return std::nullopt;
    case config::Auth::scram_sha_256:
      return sasl::Method::scram_sha_256;
    case config::Auth::plain:
      return sasl::Method::plain;
    case config::Auth::login:
      return sasl::Method::login_command;
  }
  return std::nullopt;
}

Task<Result<Secret>> read_secret(Workers& workers, Scheduler& scheduler, config::SecretSource source, Wait wait) {
  if (wait.stop.stop_requested()) co_return fail(ErrorKind::cancelled, "stopped");
  auto secret = co_await run_on(workers, scheduler, [source] { return config::load_secret(source); });
  // One account's missing file does not stop the others.
  if (!secret) co_return fail(std::move(secret.error().scope(Scope::account)));
  co_return secret;
}

sync::Deletes to_deletes(config::Deletes deletes) {
  switch (deletes) {
    case config::Deletes::keep:
      return sync::Deletes::keep;
    case config::Deletes::trash:
      return sync::Deletes::trash;
    case config::Deletes::mirror:
      return sync::Deletes::mirror;
  }
  return sync::Deletes::keep;
}

sync::FlagMode to_mode(config::Flags flags) {
  return flags == config::Flags::two_way ? sync::FlagMode::two_way : sync::FlagMode::replay;
}

client::ImapSettings imap_settings(const PassWorld& world, const config::Server& server) {
  client::ImapSettings settings;
  settings.endpoint = {server.host, server.port, to_mode(server.tls), server.tls_ca_file};
  settings.user = server.user;
  settings.authorize_as = server.authorize_as;
  settings.password = [&workers = world.workers, &scheduler = world.scheduler, source = server.password](Wait wait) {
    return read_secret(workers, scheduler, source, wait);
  };
  settings.password_origin = server.password.to_string();
  settings.auth = to_method(server.auth);
  settings.workers = &world.workers;
  settings.compress = server.compress;
  settings.disabled = server.disable;
  return settings;
}

void name_account(Error& error, const std::string& account) {
  if (error.where() != account && !error.where().starts_with(account + ": ")) error.at(account);
}

void name_account(sync::PassReport& report, const std::string& account) {
  if (report.error) name_account(*report.error, account);
  for (Error& problem : report.problems) name_account(problem, account);
}

storage::PassSummary::State to_summary(sync::PassReport::State state) {
  switch (state) {
    case sync::PassReport::State::ok:
      return storage::PassSummary::State::ok;
    case sync::PassReport::State::attention:
      return storage::PassSummary::State::attention;
    case sync::PassReport::State::failed:
      return storage::PassSummary::State::failed;
  }
  return storage::PassSummary::State::failed;
}

storage::PassSummary summary_of(const sync::PassReport& report, WallTime started, WallTime ended) {
  storage::PassSummary summary;
  summary.state = to_summary(report.state);
  summary.started = started;
  summary.ended = ended;
  if (report.state != sync::PassReport::State::failed) summary.last_success = ended;
  summary.messages_fetched = report.source.messages_fetched;
  summary.octets_fetched = report.source.bytes_fetched;
  if (report.target) summary.appended = report.target->appended;
  summary.quarantined = report.quarantined;
  if (report.error) {
    summary.error = report.error->to_string();
  } else if (!report.problems.empty()) {
    summary.error = report.problems.front().to_string();
  }
  return summary;
}

/// Blocking. A pass that failed keeps the time of the last one that did not.
Result<void> remember(storage::Vault& vault, AccountId account, storage::PassSummary summary) {
  if (summary.last_success == WallTime{}) {
    const auto before = vault.pass_summary(account);
    if (!before) return fail(before.error());
    if (*before) summary.last_success = (*before)->last_success;
  }
  return vault.put_pass_summary(account, std::move(summary));
}

sync::PassReport failed_report(Error error) {
  sync::PassReport report;
  report.state = sync::PassReport::State::failed;
  report.error = std::move(error);
  return report;
}

Task<sync::PassReport> run_engine(PassWorld world, const config::Account& account, AccountId id, PassParts parts,
                                  sync::Progress& progress, Wait wait) {
  QuirkTally tally;
  ImapSourceConnector source(world.dialer, world.scheduler, imap_settings(world, account.source), &tally);
  std::optional<ImapTargetConnector> target;
  if (account.target) target.emplace(world.dialer, world.scheduler, imap_settings(world, *account.target), &tally);
  const auto vault = make_vault_port(world.vault, id, world.workers, world.scheduler);

  sync::PassOptions options;
  options.account = account.name;
  options.target = account.target ? kTargetName : "";
  options.pull = parts.pull;
  options.replay = parts.replay;
  options.selects = [&filter = account.mailboxes](const MailboxName& name) {
    return filter.selects(name.display(), name.delimiter());
  };
  options.maps = [&rules = account.mailbox_map](std::string_view name, char delimiter) {
    return rules.apply(name, delimiter);
  };
  options.merges = [&rules = account.mailbox_map](std::string_view name, char delimiter) {
    return rules.merges(name, delimiter);
  };
  options.keywords = sync::KeywordMap(account.keyword_map);
  options.deletes = to_deletes(account.deletes);
  options.flags = to_mode(account.flags);
  options.origin = account.source.origin();
  options.flag_sweep = account.flag_sweep;
  options.connections = account.source.connections;
  if (account.target) options.target_connections = account.target->connections;
  options.delete_source = account.delete_source;
  options.octets_in_flight = world.octets_in_flight;
  options.seed = std::random_device{}();
  options.settle = stop_point::settle(options.settle);
  std::optional<ImapSourceWriterConnector> writer;
  if (account.delete_source || account.flags == config::Flags::two_way) {
    writer.emplace(world.dialer, world.scheduler, imap_settings(world, account.source), &tally);
  }
  auto report = co_await sync::run_pass(std::move(options), source, target ? &*target : nullptr, *vault,
                                        world.scheduler, progress, wait, writer ? &*writer : nullptr);
  for (const auto& [quirk, times] : tally.counts()) report.quirks[quirk] += times;
  co_return report;
}

}  // namespace

std::uint64_t share_of_memory(std::uint64_t memory, std::size_t passes) {
  return std::clamp(memory / std::max<std::size_t>(passes, 1), kLeastOctetsInFlight, kMostOctetsInFlight);
}

Task<sync::PassReport> run_account_pass(PassWorld world, const config::Account& account, PassParts parts,
                                        sync::Progress& progress, Wait wait) {
  const WallTime started = world.scheduler.wall();
  const auto id = co_await run_on(world.workers, world.scheduler,
                                  [&vault = world.vault, name = account.name] { return vault.account_id(name); });
  if (!id) {
    sync::PassReport report = failed_report(id.error());
    name_account(report, account.name);
    co_return report;
  }
  sync::PassReport report = co_await run_engine(world, account, *id, parts, progress, wait);
  name_account(report, account.name);

  storage::PassSummary summary = summary_of(report, started, world.scheduler.wall());
  const auto remembered = co_await run_on(
      world.workers, world.scheduler,
      [&vault = world.vault, account_id = *id, summary] { return remember(vault, account_id, summary); });
  if (!remembered && !report.error) {
    report.state = sync::PassReport::State::failed;
    report.error = remembered.error();
    name_account(report, account.name);
  }
  co_return report;
}

}  // namespace postern::daemon
