#pragma once

#include <chrono>
#include <cstdint>

#include "core/sync/planner/values.h"

namespace postern::sync {

/// Whether a message may be deleted at the source (`delete_source: after_verified`).
enum class Clearance : std::uint8_t {
  cleared,
  unverified,  // its octets on the target were not read back yet
  altered,     // they were, and are others
  too_early,   // within the grace since
  elsewhere,   // bound to a target mailbox that is no more
};

/// From the vault alone. `target`: UIDVALIDITY of the target mailbox as it is followed. A time of reading back that
/// lies in the future is no reason to delete.
Clearance clearance(const Binding& binding, UidValidity target, WallTime now, std::chrono::seconds grace);

/// What the source says of a message just before it would be deleted.
enum class Listed : std::uint8_t {
  as_held,
  another_message,  // under its UID, by header and by INTERNALDATE or RFC822.SIZE: the source was restored
  unlike,           // by one of header and INTERNALDATE: it may be another message
  another_size,     // RFC822.SIZE is not the size of what was fetched: the same
  another_flags,    // changed since the pull: first the vault and the target learn of it
};
/// `held`: what the vault has of the message; Identity() where it cannot be read, which says nothing of the header.
/// \Recent, and \Deleted, which an interrupted deletion left there, are no change.
Listed compare(const Entry& entry, const Identity& held, const ListedMessage& listed);

}  // namespace postern::sync
