#include "core/sync/planner/enumeration.h"

#include <algorithm>
#include <utility>

namespace postern::sync {
namespace {

constexpr std::uint64_t kFew = 20;        // may vanish without more ado
constexpr std::uint64_t kNearlyNone = 5;  // a mailbox that had no more may become empty

UidSet below(const UidSet& uids, std::uint32_t uidnext) {
  if (uidnext == 0) return uids;
  return uidnext == 1 ? UidSet() : uids.intersected(UidSet::range(1, uidnext - 1));
}

}  // namespace

bool is_mass(const UidSet& held, const UidSet& vanished) {
  if (vanished.size() == held.size()) return held.size() > kNearlyNone;
  return vanished.size() > std::max(kFew, held.size() / 5);
}

void Enumeration::add(Listing listing) {
  before_ = std::exchange(last_, std::move(listing));
  ++listings_;
}

bool Enumeration::complete(const Listing& listing) const {
  if (below(listing.uids, listing.uidnext).size() >= listing.exists) return true;
  return listings_ > 1 && listing.uids.size() >= listing.exists && last_.uids == before_.uids &&
         last_.exists == before_.exists;
}

/// What the last listing can speak of.
UidSet Enumeration::judged() const {
  const bool cut = facts_.view_limit && last_.exists >= *facts_.view_limit && !last_.uids.empty();
  return UidSet::range(cut ? last_.uids.min().value() : 1, 0xffffffff);
}

UidSet Enumeration::missing() const { return facts_.held.without(last_.uids).intersected(judged()); }

Enumeration::Proof Enumeration::proof() const {
  if (!complete(last_)) return Proof::shorter;
  const UidSet vanished = missing();
  if (!is_mass(facts_.held, vanished)) return Proof::complete;
  if (listings_ < 2 || !complete(before_) || before_.uids.intersected(vanished).size() != 0) return Proof::unconfirmed;
  const bool counted = facts_.stated && *facts_.stated >= last_.exists + (vanished.size() + 1) / 2;
  return counted ? Proof::contradicted : Proof::complete;
}

Enumeration::Plan Enumeration::plan() const {
  Plan plan;
  plan.uids.fetch = last_.uids.without(facts_.held).without(facts_.aside);
  if (proof() == Proof::complete) plan.uids.vanished = missing();
  plan.unjudged = facts_.held.without(last_.uids).without(judged());
  return plan;
}

UidSet Enumeration::gone_of(const UidSet& uids) const {
  return proof() == Proof::complete ? uids.without(last_.uids).intersected(judged()) : UidSet();
}

}  // namespace postern::sync
