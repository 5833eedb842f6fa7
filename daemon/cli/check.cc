#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "core/base/escape.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"
#include "daemon/render/json_text.h"
#include "daemon/render/quantity.h"

namespace postern::daemon {

namespace {

nlohmann::ordered_json to_json(const storage::CheckReport& report) {
  nlohmann::ordered_json problems = nlohmann::ordered_json::array();
  for (const storage::CheckProblem& problem : report.problems) {
    problems.push_back({{"kind", problem.kind}, {"digest", problem.digest}, {"detail", problem.detail}});
  }
  return {{"objects", report.objects},
          {"chunks", report.chunks},
          {"entries", report.entries},
          {"problems", std::move(problems)},
          {"problems_not_listed", report.problems_not_listed}};
}

void print(const storage::CheckReport& report, bool read_data, std::ostream& out) {
  for (const storage::CheckProblem& problem : report.problems) {
    out << problem.kind << ": " << (problem.digest.empty() ? "" : problem.digest + ": ")
        << escape_for_people(problem.detail, 2'048) << '\n';
  }
  const std::uint64_t problems = report.problems.size() + report.problems_not_listed;
  out << fmt::format(
      "{} messages, {} chunks, {} entries: {}\n", with_thousands(report.objects), with_thousands(report.chunks),
      with_thousands(report.entries),
      problems == 0 ? "no problem" : with_thousands(problems) + (problems == 1 ? " problem" : " problems"));
  if (read_data) out << fmt::format("{} of messages read and hashed\n", octets_for_people(report.octets));
}

}  // namespace

ExitStatus run_command(const CheckCommand& command, const config::Config& config, Console& console) {
  const auto vault = open_for_reading(config);
  if (!vault) return report(vault.error(), console);
  storage::CheckOptions options;
  options.read_data = command.read_data;
  if (console.err_is_terminal) {
    options.progress = [&](std::uint64_t objects, std::uint64_t octets) {
      console.err << fmt::format("\r\x1b[K{} messages, {} checked", with_thousands(objects), octets_for_people(octets))
                  << std::flush;
      return true;
    };
  }
  const auto checked = (*vault)->check(options);
  if (console.err_is_terminal) console.err << "\r\x1b[K";
  if (!checked) return report(checked.error(), console);
  if (command.json) {
    console.out << json_text(to_json(*checked)) << '\n';
  } else {
    print(*checked, command.read_data, console.out);
  }
  return checked->problems.empty() && checked->problems_not_listed == 0 ? ExitStatus::done : ExitStatus::failed;
}

}  // namespace postern::daemon
