#include "core/sync/planner/tour.h"

#include <algorithm>

#include "core/sync/planner/enumeration.h"
#include "core/sync/planner/generation.h"
#include "core/sync/planner/mailbox_diff.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::uint64_t kBodies = 2'000;  // more of them are worth the round trips of a pull of their own
constexpr std::uint64_t kSwept = 5'000;   // flags
constexpr std::uint64_t kListed = 20'000;

bool says_enough(const MailboxStatus& stated) {
  return stated.uidvalidity.value() != 0 && stated.uidnext != 0 && stated.messages;
}

std::uint64_t expected(const UidSet& bodies, const MailboxStatus& stated) {
  return std::min<std::uint64_t>(bodies.size(), *stated.messages);
}

UidSet from_to(std::uint32_t first, std::uint32_t end) {
  return first < end ? UidSet::range(std::max(first, 1u), end - 1) : UidSet();
}

std::optional<TourPlan> plan_first(const TourFacts& facts) {
  if (!facts.held.empty() || facts.entries_above || !facts.aside.empty()) return std::nullopt;
  TourPlan plan;
  plan.kind = TourKind::first;
  if (*facts.stated.messages != 0) plan.bodies = from_to(1, facts.stated.uidnext);
  plan.expected = expected(plan.bodies, facts.stated);
  if (plan.expected > kBodies) return std::nullopt;
  return plan;
}

std::optional<TourPlan> plan_later(const TourFacts& facts) {
  const SourceCursor& cursor = *facts.cursor;
  const MailboxStatus& stated = facts.stated;
  if (cursor.uidvalidity != facts.generation || cursor.uidnext == 0 || stated.uidnext < cursor.uidnext) return {};
  if (cursor.uidnext == kUidnextToCompare) return {};
  // Something the cursor does not stand for: UIDs may come a second time, or were never asked for.
  if (facts.entries_above || !facts.aside.intersected(facts.held).empty()) return {};
  TourPlan plan;
  plan.bodies = from_to(cursor.uidnext, stated.uidnext).without(facts.aside);
  plan.expected = expected(plan.bodies, stated);
  if (plan.expected > kBodies || plan.bodies.to_string().size() > kTourSetOctets) return {};
  const UidSet older = from_to(1, cursor.uidnext);
  const bool modseqs = cursor.highestmodseq.value() != 0 && (facts.condstore || facts.qresync);
  if (modseqs && stated.highestmodseq < cursor.highestmodseq) return {};
  if (modseqs && facts.qresync) {
    plan.kind = TourKind::qresync;
  } else if (modseqs) {
    plan.kind = TourKind::condstore;
    if (!facts.held.empty()) plan.flags = older;
    plan.list = !only_arrivals(cursor, stated);
  } else if (cursor.highestmodseq.value() == 0 && stated.highestmodseq.value() == 0 && !facts.sweep_due) {
    plan.kind = only_arrivals(cursor, stated) ? TourKind::arrivals : TourKind::list;
    plan.list = plan.kind == TourKind::list;
  } else {
    plan.kind = TourKind::sweep;
    if (!facts.held.empty()) plan.flags = older;
    if (facts.held.size() > kSwept || *stated.messages > kSwept) return {};
  }
  if (plan.list && *stated.messages > kListed) return {};
  return plan;
}

/// From a list of all UIDs: nothing is missing from it, and what is new in it has come.
std::optional<TourProof> prove_by_list(const TourFacts& facts, const UidSet& listed, const TourEvidence& evidence) {
  const std::uint32_t exists = evidence.opened.messages.value_or(0);
  // A quarantined message that is gone leaves the quarantine: that is for a pull of its own.
  if (listed.size() != exists || !facts.aside.without(listed).empty()) return std::nullopt;
  if (listed.without(facts.held).without(facts.aside) != evidence.arrived) return std::nullopt;
  return TourProof{facts.held.without(listed), false};
}

std::optional<TourProof> prove_by_changes(const TourFacts& facts, const UidSet& vanished, const UidSet& reported,
                                          const TourEvidence& evidence) {
  const std::uint32_t exists = evidence.opened.messages.value_or(0);
  const auto plan = plan_from_changes(facts.held, facts.aside, vanished, reported, exists);
  if (!plan || plan->fetch != evidence.arrived) return std::nullopt;
  if (!facts.aside.intersected(vanished).empty()) return std::nullopt;
  return TourProof{plan->vanished, false};
}

/// Its answers, or its view, may hold a part of the mailbox alone.
bool may_be_cut(const std::optional<std::uint32_t>& limit, const MailboxStatus& stated) {
  return limit && stated.messages.value_or(0) >= *limit;
}

}  // namespace

std::optional<TourPlan> plan_tour(const TourFacts& facts) {
  if (!says_enough(facts.stated) || facts.due) return std::nullopt;
  if (may_be_cut(facts.view_limit, facts.stated) || may_be_cut(facts.message_limit, facts.stated)) return std::nullopt;
  if (facts.generation.value() == 0) return plan_first(facts);
  if (facts.stated.uidvalidity != facts.generation) return std::nullopt;
  return facts.cursor ? plan_later(facts) : plan_first(facts);
}

bool may_tour(UidValidity generation, const std::optional<SourceCursor>& cursor, const MailboxStatus& stated) {
  TourFacts facts;
  facts.generation = generation;
  facts.cursor = cursor;
  facts.stated = stated;
  facts.condstore = facts.qresync = true;
  return plan_tour(facts).has_value();
}

std::optional<TourProof> prove_tour(const TourFacts& facts, const TourPlan& plan, const TourEvidence& evidence) {
  const MailboxStatus& opened = evidence.opened;
  const Generation generation = compare_generation({.held = facts.stated.uidvalidity,
                                                    .held_uidnext = facts.stated.uidnext,
                                                    .stated = opened.uidvalidity,
                                                    .stated_uidnext = opened.uidnext,
                                                    .uid_not_sticky = evidence.uid_not_sticky});
  if (generation != Generation::same || !opened.messages) return std::nullopt;
  if (may_be_cut(facts.view_limit, opened)) return std::nullopt;
  RungFacts known{.cursor = facts.cursor,
                  .stated = opened,
                  .condstore = facts.condstore,
                  .has_changes = evidence.has_changes,
                  .sweep_due = facts.sweep_due};
  if (known.stated.uidnext == 0) known.stated.uidnext = facts.stated.uidnext;
  const UidSet seen = evidence.reported.united(evidence.arrived);
  std::optional<TourProof> proof;
  switch (plan.kind) {
    case TourKind::first:
      if (evidence.arrived.size() == *opened.messages) proof = TourProof{UidSet(), true};
      break;
    case TourKind::qresync:
      if (choose_rung(known) != Rung::qresync) break;
      proof = prove_by_changes(facts, evidence.vanished, evidence.reported, evidence);
      break;
    case TourKind::condstore:
    case TourKind::arrivals:
      if (choose_rung(known) != rung_of(plan.kind)) break;
      if (plan.list) {
        if (evidence.listed) proof = prove_by_list(facts, *evidence.listed, evidence);
      } else if (only_arrivals(*facts.cursor, known.stated)) {
        proof = prove_by_changes(facts, UidSet(), seen, evidence);
      }
      break;
    case TourKind::list:
      if (evidence.listed && !sweeps_flags(known)) proof = prove_by_list(facts, *evidence.listed, evidence);
      break;
    case TourKind::sweep:
      proof = prove_by_list(facts, seen, evidence);
      if (proof) proof->swept = true;
      break;
  }
  // So much at once is listed a second time, which takes a pull of its own.
  if (proof && is_mass(facts.held, proof->vanished)) return std::nullopt;
  return proof;
}

Rung rung_of(TourKind kind) {
  switch (kind) {
    case TourKind::qresync:
      return Rung::qresync;
    case TourKind::condstore:
      return Rung::condstore;
    case TourKind::arrivals:
      return Rung::uidnext;
    case TourKind::first:
    case TourKind::list:
    case TourKind::sweep:
      break;
  }
  return Rung::enumerate;
}

}  // namespace postern::sync
