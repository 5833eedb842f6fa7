#pragma once

#include <map>
#include <string>
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

/// The same of mailboxes that share a target mailbox alone. `targets`: which one, by mailbox; of each that something
/// vanished from. One that has none yet may come to share any: what appeared there is paired with what is left over.
std::vector<Move> pair_moves_within(std::vector<PlacedObject> vanished, std::vector<PlacedObject> appeared,
                                    const std::map<MailboxId, std::string>& targets);

}  // namespace postern::sync
