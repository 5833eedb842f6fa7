#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/report_error.h"
#include "daemon/cli/vault_view.h"

namespace postern::daemon {

namespace {

constexpr std::size_t kRows = 4'096;

/// Whether the message ever had a place in the account: the history remembers what has vanished, too.
Result<bool> has_message(const storage::Vault& vault, AccountId account, const Digest& digest) {
  HistorySeq after;
  for (;;) {
    const auto rows = vault.history(account, after, kRows);
    if (!rows) return fail(rows.error());
    if (rows->empty()) return false;
    for (const HistoryRecord& row : *rows) {
      if (row.digest == digest) return true;
    }
    after = rows->back().seq;
  }
}

Result<void> print(const OpenAccount& account, const Digest& digest, std::ostream& out) {
  const auto held = has_message(*account.vault, account.id, digest);
  if (!held) return fail(held.error());
  if (!*held) {
    return fail(Error(ErrorKind::not_found, "has no message " + digest.to_hex()).remedy("see 'postern ls'"));
  }
  const auto reader = account.vault->open_object(digest);
  if (!reader) return fail(reader.error());
  for (;;) {
    const auto piece = (*reader)->next();
    if (!piece) return fail(piece.error());
    if (piece->empty() || !out) return {};
    out.write(piece->data(), static_cast<std::streamsize>(piece->size()));
  }
}

}  // namespace

ExitStatus run_command(const CatCommand& command, const config::Config& config, Console& console) {
  const auto digest = Digest::from_hex(command.digest);
  if (!digest) {
    return report(Error(ErrorKind::usage, "a digest is 64 hexadecimal digits").remedy("take it from 'postern ls'"),
                  console);
  }
  const auto account = open_account(config, command.account);
  if (!account) return report(account.error(), console);
  auto printed = print(*account, *digest, console.out);
  return printed ? ExitStatus::done : report(printed.error().at(command.account), console);
}

}  // namespace postern::daemon
