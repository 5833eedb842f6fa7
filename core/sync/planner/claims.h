#pragma once

#include <cstdint>
#include <vector>

#include "core/sync/planner/matching.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// A target UID that an APPENDUID gave to one of our messages.
struct Claim {
  std::size_t own = 0;  // index of the message
  Uid uid;
  friend bool operator==(const Claim&, const Claim&) = default;
};

struct Refuted {
  std::vector<Claim> claims;
  UidSet ask;  // whose digests have to be known: two of our messages are alike in everything cheaper
};

/// Claims that cannot be true: the UID is not shown and, by `uidnext` (0: not stated), was never given out, or it shows
/// another one of `ours`, be it by header and INTERNALDATE where the server alters sizes. One that shows what none of
/// ours is stands: servers alter messages, and other clients expunge them.
Refuted refuted_claims(const std::vector<Claim>& claims, const std::vector<Wanted>& ours,
                       const std::vector<TargetMessage>& shown, std::uint32_t uidnext);

/// Of those asked for: claims whose UID has the octets of another one of `ours`.
std::vector<Claim> refuted_by_digest(const std::vector<Claim>& claims, const std::vector<Wanted>& ours,
                                     const std::vector<KnownDigest>& known);

}  // namespace postern::sync
