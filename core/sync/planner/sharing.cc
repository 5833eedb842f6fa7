#include "core/sync/planner/sharing.h"

namespace postern::sync {

std::set<MailboxId> seen_differently(const std::vector<TargetMailboxRecord>& recorded) {
  std::map<std::string, std::set<UidValidity>> seen;
  for (const TargetMailboxRecord& one : recorded) seen[one.name.wire()].insert(one.uidvalidity);
  std::set<MailboxId> ids;
  for (const TargetMailboxRecord& one : recorded) {
    if (seen.at(one.name.wire()).size() > 1) ids.insert(one.source);
  }
  return ids;
}

}  // namespace postern::sync
