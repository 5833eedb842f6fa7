#pragma once

#include <cstdint>
#include <optional>

#include "core/mail/records.h"
#include "core/sync/planner/rung.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// How a mailbox is looked through on a tour, where its commands are written before anything it says is known.
enum class TourKind : std::uint8_t {
  first,      // nothing is held: every body, and their number must be EXISTS
  qresync,    // the answer to EXAMINE tells what changed
  condstore,  // changed flags; every UID too where STATUS says that something has gone
  arrivals,   // by STATUS messages have come and none has gone; no flag is compared
  list,       // every UID; no flag is compared
  sweep,      // every flag, which lists every UID
};
Rung rung_of(TourKind kind);

/// What is known of a mailbox before it is visited.
struct TourFacts {
  UidValidity generation;              // the vault's; 0: none yet
  std::optional<SourceCursor> cursor;  // of that generation
  MailboxStatus stated;                // by STATUS or LIST-STATUS
  UidSet held;                         // UIDs in the vault, not vanished
  bool entries_above = false;          // some entry, vanished ones too, has a UID the cursor does not stand for
  UidSet aside;                        // quarantined and not due
  bool due = false;                    // a quarantined message is to be asked for again
  bool condstore = false;
  bool qresync = false;
  std::optional<std::uint32_t> message_limit;  // SourceFeatures::message_limit: so many messages an answer
  std::optional<std::uint32_t> view_limit;     // SourceFeatures::view_limit: more may not be in view
  bool sweep_due = true;                       // flags that no mod-sequence vouches for are to be compared
};

struct TourPlan {
  TourKind kind = TourKind::first;
  UidSet bodies;               // may name UIDs that do not exist
  std::uint64_t expected = 0;  // about how many of them there are
  bool list = false;
  UidSet flags;
};

/// What one command line may hold of a set.
inline constexpr std::size_t kTourSetOctets = 6'000;

/// What to ask of a mailbox on a tour; none when it has to be pulled by itself: what is held or stated does not suffice
/// for a proof, or so much is to come that its own round trips do not matter.
std::optional<TourPlan> plan_tour(const TourFacts& facts);

/// Whether it is worth reading what is held for plan_tour().
bool may_tour(UidValidity generation, const std::optional<SourceCursor>& cursor, const MailboxStatus& stated);

/// What the mailbox answered.
struct TourEvidence {
  MailboxStatus opened;  // by EXAMINE
  bool uid_not_sticky = false;
  bool has_changes = false;      // EXAMINE was answered as QRESYNC
  UidSet vanished;               // of these changes
  std::optional<UidSet> listed;  // all UIDs
  UidSet reported;               // UIDs of flag reports
  UidSet arrived;                // UIDs of bodies
};

/// What is thereby proved: that everything is held now but what vanished.
struct TourProof {
  UidSet vanished;
  bool swept = false;  // every flag was compared
};

/// None when the answers leave a doubt; what arrived may be kept all the same if the UIDVALIDITY is as stated before.
std::optional<TourProof> prove_tour(const TourFacts& facts, const TourPlan& plan, const TourEvidence& evidence);

}  // namespace postern::sync
