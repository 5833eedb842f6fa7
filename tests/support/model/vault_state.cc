#include "tests/support/model/vault_state.h"

namespace postern::testing {

const MailboxRecord* VaultState::mailbox(std::string_view name) const {
  const MailboxRecord* found = nullptr;
  for (const auto& [id, record] : mailboxes) {
    if (record.name.display() == name && (!found || record.present || !found->present)) found = &record;
  }
  return found;
}

std::vector<Entry> VaultState::present(std::string_view name) const {
  std::vector<Entry> found;
  const MailboxRecord* record = mailbox(name);
  if (!record) return found;
  for (const auto& [place, entry] : entries) {
    if (place.mailbox == record->id && place.uidvalidity == record->uidvalidity && !entry.vanished)
      found.push_back(entry);
  }
  return found;
}

void VaultState::note(WallTime at, HistoryRecord::Kind kind, Place place, std::optional<Digest> digest, FlagSet flags,
                      std::string name) {
  HistoryRecord row;
  row.seq = HistorySeq(history.size() + 1);
  row.at = at;
  row.kind = kind;
  row.place = place;
  row.digest = digest;
  row.flags = std::move(flags);
  row.name = std::move(name);
  history.push_back(std::move(row));
}

}  // namespace postern::testing
