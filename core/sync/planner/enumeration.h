#pragma once

#include <cstdint>
#include <optional>

#include "core/sync/planner/mailbox_diff.h"

namespace postern::sync {

/// One listing of a mailbox's UIDs, and what the EXAMINE before it stated.
struct Listing {
  UidSet uids;
  std::uint32_t exists = 0;
  std::uint32_t uidnext = 0;  // 0: not stated
};

/// Decides on a mailbox's listings, taken one after another, each after an EXAMINE of its own. A deletion is inferred
/// only from a complete listing (I7):
/// - it has as many UIDs below UIDNEXT as EXISTS says; those above came in later, and may not stand in for others that
///   were left out; or it is the same, twice, and has as many UIDs as EXISTS both times (a wrong UIDNEXT);
/// - where much would vanish at once, a second complete listing agrees, and STATUS has not just counted the messages;
/// - a listing that may be the newest part of a larger mailbox says nothing of what lies below it.
class Enumeration {
 public:
  struct Facts {
    UidSet held;                              // UIDs of the vault that have not vanished
    UidSet aside;                             // quarantined UIDs that are not due again
    std::optional<std::uint32_t> stated;      // messages by STATUS, when this pass began
    std::optional<std::uint32_t> view_limit;  // SourceFeatures::view_limit
  };
  explicit Enumeration(Facts facts) : facts_(std::move(facts)) {}

  void add(Listing listing);

  /// Whether to list once more: the last one is no proof yet.
  enum class Proof : std::uint8_t {
    complete,
    shorter,       // than EXISTS: cut off, or somebody expunged meanwhile
    unconfirmed,   // much vanishes at once, by one listing
    contradicted,  // much vanishes at once, and STATUS counted it a moment ago
  };
  Proof proof() const;

  struct Plan {
    UidPlan uids;     // `vanished` only when the proof is complete
    UidSet unjudged;  // held, not listed, and below what the server shows
  };
  Plan plan() const;
  /// Which of `uids` are surely not there: for messages in quarantine.
  UidSet gone_of(const UidSet& uids) const;
  const Listing& last() const { return last_; }

 private:
  bool complete(const Listing& listing) const;
  UidSet judged() const;
  UidSet missing() const;

  Facts facts_;
  Listing last_;
  Listing before_;
  int listings_ = 0;
};

/// So much at once is looked at twice: more than twenty messages and a fifth of the mailbox, or all of more than five.
bool is_mass(const UidSet& held, const UidSet& vanished);

}  // namespace postern::sync
