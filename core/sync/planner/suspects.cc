#include "core/sync/planner/suspects.h"

#include <utility>

namespace postern::sync {
namespace {

constexpr int kProof = 2;  // connections that a message has to break alone
constexpr std::uint64_t kWitnesses =
    4;  // asked for in a mailbox; a server that is silent to them is not asked for ever

/// One far from the ends, where what breaks a connection is mostly met; the last, where another did not help.
Uid choose_witness(const UidSet& witnesses, bool first) {
  const std::uint32_t from = witnesses.min().value();
  const std::uint32_t to = witnesses.max().value();
  return first ? witnesses.from(Uid(from + (to - from) / 2)).min() : Uid(to);
}

}  // namespace

void Suspects::cut(const UidSet& asked, const UidSet& arrived, BodyCount& bodies) {
  bodies.cut();
  UidSet open = asked.without(arrived);
  if (open.empty()) return;
  step_ = 1;
  wanted_ = wanted_.united(open);
  if (open.size() < asked.size()) accompanied_ = accompanied_.united(open);
  if (asked.size() != 1) {
    if (!uids_.empty() && open.size() < uids_.size()) ++learnt_;
    uids_ = std::move(open);
    return;
  }
  const Uid uid = open.min();
  const UidSet accused = this->accused();
  Alone& alone = alone_[uid];
  if (++alone.times == 1) alone.bodies = bodies.so_far();
  if (!accused.empty() && !accused.contains(uid)) {  // a witness: it tells of the line, and nothing of the accused
    heard_.add(uid);
    uids_ = uids_.united(open);
    return;
  }
  if (!uids_.empty() && alone.times <= kProof) ++learnt_;
  uids_ = std::move(open);
}

UidSet Suspects::next() const {
  const UidSet accused = this->accused();
  if (accused.empty()) return uids_.empty() ? UidSet() : std::move(uids_.split(step_, SIZE_MAX).front());
  UidSet one;
  const UidSet witnesses = this->witnesses();
  one.add(witnesses.empty() ? accused.min() : choose_witness(witnesses, heard_.empty()));
  return one;
}

void Suspects::cleared(const UidSet& uids) {
  const UidSet accused = this->accused();
  if (!accused.empty()) heard_ = heard_.united(uids.without(accused));
  for (const UidSet& one : uids.intersected(broke_alone()).split(1)) alone_.erase(one.min());
  uids_ = uids_.without(uids);
  step_ *= 2;
}

void Suspects::keep(const UidSet& wanted) {
  wanted_ = wanted;
  uids_ = uids_.intersected(wanted);
}

std::optional<Uid> Suspects::take_guilty(BodyCount& bodies) {
  const UidSet accused = this->accused();
  for (const UidSet& one : accused.split(1)) {
    const Uid uid = one.min();
    const bool others_come = bodies.so_far() > alone_.at(uid).bodies;
    const bool the_last = witnesses().empty() && broke_alone().size() == 1;
    if (!others_come) {
      if (!the_last || !(bodies.since_cut() || accompanied_.contains(uid))) continue;
      bodies.spend();
    }
    ++guilty_;
    uids_.remove(uid);
    wanted_.remove(uid);
    alone_.erase(uid);
    heard_ = UidSet();
    return uid;
  }
  return std::nullopt;
}

UidSet Suspects::broke_alone() const {
  UidSet uids;
  for (const auto& [uid, alone] : alone_) {
    if (wanted_.contains(uid)) uids.add(uid);
  }
  return uids;
}

UidSet Suspects::accused() const {
  UidSet uids;
  for (const auto& [uid, alone] : alone_) {
    if (alone.times >= kProof && wanted_.contains(uid)) uids.add(uid);
  }
  return uids;
}

/// Of those that may still speak for the line.
UidSet Suspects::witnesses() const {
  if (heard_.size() >= kWitnesses) return {};
  return wanted_.without(broke_alone()).without(heard_);
}

}  // namespace postern::sync
