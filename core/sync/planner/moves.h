#pragma once

#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// A message's place and what is, or was, there.
struct PlacedObject {
  Place place;
  Digest digest;
};

/// A message of the source that is in another mailbox now.
struct Move {
  Place from;
  Place to;
  friend bool operator==(const Move&, const Move&) = default;
};

/// Pairs what vanished with what appeared: the same octets, another mailbox. Each place is used once, so that of
/// identical copies as many were moved as vanished and as many are new, or deleted, as are left over. Ascending by
/// `to`.
std::vector<Move> pair_moves(std::vector<PlacedObject> vanished, std::vector<PlacedObject> appeared);

}  // namespace postern::sync
