#include "daemon/render/progress_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/escape.h"
#include "daemon/render/quantity.h"
#include "daemon/render/table.h"

namespace postern::daemon {

namespace {

using Phase = sync::Progress::Phase;

constexpr std::size_t kBar = 20;

std::string bar(double ratio) {
  const auto full = static_cast<std::size_t>(ratio * kBar);
  return "[" + std::string(full, '#') + std::string(kBar - full, '.') + "]";
}

std::string fitted(std::string line, std::size_t columns) {
  if (columns_of(line) <= columns) return line;
  std::string out;
  std::size_t used = 0;
  for (const char c : line) {
    const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    if (begins && ++used > columns) break;
    out += c;
  }
  return out;
}

std::string doing(const sync::Progress& progress) {
  switch (progress.phase) {
    case Phase::waiting:
      return "waits for its turn";
    case Phase::connecting:
      return "connecting";
    case Phase::listing:
      return "listing mailboxes";
    case Phase::pulling:
      return fmt::format("pulled {}/{} messages", with_thousands(progress.messages_done),
                         with_thousands(progress.messages_total));
    case Phase::replaying:
      return fmt::format("replayed {}/{} changes", with_thousands(progress.replay_done),
                         with_thousands(progress.replay_total));
    case Phase::done:
      return "done";
  }
  return {};
}

std::string account_line(const AccountProgress& account, std::size_t name_columns) {
  const std::string name = escape_for_people(account.name, 40);
  const std::string padding(name_columns - std::min(name_columns, columns_of(name)), ' ');
  const double ratio = ratio_of(account.progress);
  std::string line = fmt::format("{}{} {} {:3} %  {}", name, padding, bar(ratio), static_cast<int>(ratio * 100),
                                 doing(account.progress));
  if (account.octets_per_second >= 1) {
    line += ", " + octets_for_people(static_cast<std::uint64_t>(account.octets_per_second)) + "/s";
  }
  if (account.remaining && ratio > 0 && ratio < 1) line += ", " + duration_for_people(*account.remaining) + " left";
  return line;
}

std::string summary_line(const std::vector<AccountProgress>& accounts, std::size_t hidden) {
  std::size_t done = 0;
  std::size_t waiting = 0;
  double rate = 0;
  for (const AccountProgress& account : accounts) {
    if (account.progress.phase == Phase::done) ++done;
    if (account.progress.phase == Phase::waiting) ++waiting;
    rate += account.octets_per_second;
  }
  std::string line = fmt::format("{} of {} accounts done, {} waiting", done, accounts.size(), waiting);
  if (hidden > 0) line += fmt::format(", {} more under way", hidden);
  if (rate >= 1) line += ", " + octets_for_people(static_cast<std::uint64_t>(rate)) + "/s";
  return line;
}

}  // namespace

double ratio_of(const sync::Progress& progress) {
  if (progress.phase == Phase::done) return 1;
  const std::uint64_t total = progress.messages_total + progress.replay_total;
  if (total == 0) return 0;
  return std::min(1.0, static_cast<double>(progress.messages_done + progress.replay_done) / static_cast<double>(total));
}

std::vector<std::string> progress_lines(const std::vector<AccountProgress>& accounts, std::size_t columns,
                                        std::size_t most_lines) {
  std::vector<const AccountProgress*> under_way;
  std::size_t name_columns = 0;  // of all: the bars stay where they are when an account ends
  for (const AccountProgress& account : accounts) {
    name_columns = std::max(name_columns, columns_of(escape_for_people(account.name, 40)));
    const Phase phase = account.progress.phase;
    if (phase == Phase::waiting || phase == Phase::done) continue;
    under_way.push_back(&account);
  }
  const std::size_t shown = std::min(under_way.size(), most_lines);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shown; ++i) lines.push_back(fitted(account_line(*under_way[i], name_columns), columns));
  if (accounts.size() > 1) lines.push_back(fitted(summary_line(accounts, under_way.size() - shown), columns));
  return lines;
}

}  // namespace postern::daemon
