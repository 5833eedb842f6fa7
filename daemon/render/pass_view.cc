#include "daemon/render/pass_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/escape.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"
#include "daemon/render/table.h"

namespace postern::daemon {

namespace {

using nlohmann::ordered_json;
using State = sync::PassReport::State;

ordered_json to_json(const AccountReport& account) {
  const sync::PassReport& pass = account.pass;
  const sync::SourceTotals& source = pass.source;
  ordered_json target = nullptr;
  if (account.has_target) {
    const sync::TargetTotals totals = pass.target.value_or(sync::TargetTotals{});
    target = {{"appended", totals.appended},         {"adopted", totals.adopted}, {"moved", totals.moved},
              {"flag_updates", totals.flag_updates}, {"deleted", totals.deleted}, {"held", totals.held},
              {"commands", totals.commands}};
  }
  ordered_json rungs = ordered_json::object();
  for (const sync::Rung rung : sync::kRungs) rungs[std::string(to_string(rung))] = source.rungs[rung];
  ordered_json quirks = ordered_json::object();
  for (const auto& [name, count] : pass.quirks) quirks[std::string(name)] = count;
  ordered_json problems = ordered_json::array();
  for (const Error& problem : pass.problems) problems.push_back(problem.to_string());
  return {{"name", account.name},
          {"state", state_word(pass.state)},
          {"seconds", std::chrono::duration<double>(pass.took).count()},
          {"source",
           {{"mailboxes", source.mailboxes},
            {"messages_fetched", source.messages_fetched},
            {"bytes_fetched", source.bytes_fetched},
            {"bodies_reused", source.bodies_reused},
            {"flag_changes", source.flag_changes},
            {"vanished", source.vanished},
            {"deleted", source.deleted},
            {"flag_updates", source.flag_updates},
            {"commands", source.commands},
            {"unchanged", source.unchanged},
            {"rungs", std::move(rungs)}}},
          {"target", std::move(target)},
          {"quarantined", pass.quarantined},
          {"quirks", std::move(quirks)},
          {"error", pass.error ? ordered_json(pass.error->to_string()) : ordered_json(nullptr)},
          {"problems", std::move(problems)}};
}

}  // namespace

std::string_view state_word(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::attention:
      return "attention";
    case State::failed:
      return "failed";
  }
  return "failed";
}

std::string sync_json(const std::vector<AccountReport>& accounts) {
  ordered_json list = ordered_json::array();
  for (const AccountReport& account : accounts) list.push_back(to_json(account));
  return json_text({{"accounts", std::move(list)}});
}

std::string sync_table(const std::vector<AccountReport>& accounts) {
  Table table(
      {"account", "state", "mailboxes", "fetched", "octets", "flags", "appended", "adopted", "updated", "held", "time"},
      {2, 3, 4, 5, 6, 7, 8, 9, 10});
  std::string notes;
  for (const AccountReport& account : accounts) {
    const sync::PassReport& pass = account.pass;
    const sync::TargetTotals target = pass.target.value_or(sync::TargetTotals{});
    const auto of_target = [&](std::uint64_t number) { return account.has_target ? with_thousands(number) : "–"; };
    table.add({escape_for_people(account.name), std::string(state_word(pass.state)),
               with_thousands(pass.source.mailboxes), with_thousands(pass.source.messages_fetched),
               octets_for_people(pass.source.bytes_fetched), with_thousands(pass.source.flag_changes),
               of_target(target.appended), of_target(target.adopted), of_target(target.flag_updates),
               with_thousands(pass.quarantined), duration_for_people(pass.took)});
    if (pass.error) notes += escape_for_people(pass.error->to_string(), 2'048) + "\n";
    for (const Error& problem : pass.problems) notes += escape_for_people(problem.to_string(), 2'048) + "\n";
    if (pass.quarantined > 0) {
      notes += escape_for_people(account.name) + ": " + with_thousands(pass.quarantined) +
               " held back; 'postern quarantine " + escape_for_people(account.name) + "' says why\n";
    }
  }
  return table.to_string() + notes;
}

std::string pass_summary_text(const sync::PassReport& report) {
  std::string text = with_thousands(report.source.messages_fetched) + " fetched (" +
                     octets_for_people(report.source.bytes_fetched) + ")";
  if (report.source.flag_changes > 0) text += ", " + with_thousands(report.source.flag_changes) + " flag changes";
  if (report.source.vanished > 0) text += ", " + with_thousands(report.source.vanished) + " vanished";
  if (report.source.deleted > 0) text += ", " + with_thousands(report.source.deleted) + " deleted at the source";
  if (report.source.flag_updates > 0) {
    text += ", " + with_thousands(report.source.flag_updates) + " flag changes at the source";
  }
  if (report.target) {
    text += ", " + with_thousands(report.target->appended) + " appended";
    if (report.target->adopted > 0) text += ", " + with_thousands(report.target->adopted) + " adopted";
    if (report.target->flag_updates > 0) text += ", " + with_thousands(report.target->flag_updates) + " flag updates";
  }
  if (report.quarantined > 0) text += ", " + with_thousands(report.quarantined) + " held back";
  return text + "; " + duration_for_people(report.took);
}

ExitStatus exit_status_of(const std::vector<AccountReport>& accounts) {
  const auto is = [&](State state) {
    return [state](const AccountReport& account) { return account.pass.state == state; };
  };
  if (std::all_of(accounts.begin(), accounts.end(), is(State::ok))) return ExitStatus::done;
  if (std::all_of(accounts.begin(), accounts.end(), is(State::failed))) return ExitStatus::failed;
  return ExitStatus::attention;
}

}  // namespace postern::daemon
