#include "core/sync/planner/went_back.h"

#include <map>
#include <set>

namespace postern::sync {

bool went_back(const TargetMailboxRecord& known, const MailboxName& name, UidValidity uidvalidity,
               std::uint32_t uidnext) {
  if (!(known.name == name) || known.uidvalidity != uidvalidity) return false;
  return known.uidnext == kUidnextToCompare || (uidnext != 0 && uidnext < known.uidnext);
}

Survivors survivors(const std::vector<Wanted>& ours, const std::vector<Uid>& uids,
                    const std::vector<TargetMessage>& shown, std::uint32_t uidnext) {
  std::map<Uid, const TargetMessage*> there;
  for (const TargetMessage& message : shown) there.emplace(message.uid, &message);
  std::map<decltype(Identity::header), std::set<Digest>> contents;
  for (const Wanted& one : ours) contents[one.identity.header].insert(one.digest);
  Survivors found;
  for (std::size_t i = 0; i < uids.size(); ++i) {
    if (uidnext != 0 && uids[i].value() >= uidnext) {
      found.lost.push_back(i);
      continue;
    }
    const auto at = there.find(uids[i]);
    if (at == there.end()) {
      found.missing.push_back(i);
      continue;
    }
    const TargetMessage& now = *at->second;
    const bool same_header = now.identity.header == ours[i].identity.header;
    const bool same_instant = now.internaldate.unix_seconds == ours[i].instant;
    const bool ambiguous = same_header && contents[now.identity.header].size() > 1;
    if (same_header && (!same_instant || ambiguous)) found.ask.push_back(i);
    if (!same_header && (!same_instant || contents.contains(now.identity.header))) found.lost.push_back(i);
  }
  return found;
}

}  // namespace postern::sync
