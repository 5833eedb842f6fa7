#include "core/sync/planner/claims.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace postern::sync {
namespace {

/// Our messages by what a server leaves alone that changes their size.
class Resized {
 public:
  void add(const Wanted& one) {
    headers_.insert(one.identity.header);
    dated_.emplace(one.identity.header, one.instant);
  }
  /// Whether what is shown, of no size of ours, is another one than `own`.
  bool is_anothers(const TargetMessage& shown, const Wanted& own) const {
    const auto& header = shown.identity.header;
    if (header != own.identity.header) return headers_.contains(header);
    const std::int64_t instant = shown.internaldate.unix_seconds;
    return instant != own.instant && dated_.contains({header, instant});
  }

 private:
  using Header = decltype(Identity::header);
  std::set<Header> headers_;
  std::set<std::pair<Header, std::int64_t>> dated_;
};

}  // namespace

Refuted refuted_claims(const std::vector<Claim>& claims, const std::vector<Wanted>& ours,
                       const std::vector<TargetMessage>& shown, std::uint32_t uidnext) {
  std::map<Uid, const TargetMessage*> there;
  for (const TargetMessage& message : shown) there.emplace(message.uid, &message);
  std::map<Identity, std::vector<Digest>> contents;
  Resized resized;
  for (const Wanted& one : ours) {
    contents[one.identity].push_back(one.digest);
    resized.add(one);
  }
  Refuted refuted;
  for (const Claim& claim : claims) {
    const Wanted& own = ours[claim.own];
    const auto found = there.find(claim.uid);
    if (found == there.end()) {
      if (uidnext != 0 && claim.uid.value() >= uidnext) refuted.claims.push_back(claim);
    } else if (found->second->identity == own.identity) {
      const std::vector<Digest>& alike = contents[own.identity];
      const bool ambiguous = std::any_of(alike.begin(), alike.end(), [&](const Digest& d) { return d != own.digest; });
      if (ambiguous) refuted.ask.add(claim.uid);
    } else if (contents.contains(found->second->identity) || resized.is_anothers(*found->second, own)) {
      refuted.claims.push_back(claim);
    }
  }
  return refuted;
}

std::vector<Claim> refuted_by_digest(const std::vector<Claim>& claims, const std::vector<Wanted>& ours,
                                     const std::vector<KnownDigest>& known) {
  std::vector<Claim> refuted;
  for (const Claim& claim : claims) {
    const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.uid == claim.uid; });
    if (found == known.end() || found->digest == ours[claim.own].digest) continue;
    const bool anothers =
        std::any_of(ours.begin(), ours.end(), [&](const Wanted& one) { return one.digest == found->digest; });
    if (anothers) refuted.push_back(claim);
  }
  return refuted;
}

}  // namespace postern::sync
