#pragma once

#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/flag_losses.h"

namespace postern::sync {

/// An entry of an older generation that is bound, with its content.
struct OldBinding {
  Binding binding;
  Digest digest;
  FlagSet flags = {};     // the entry's, in the target's words
  bool vanished = false;  // the entry, before the generation ended
};

struct Rebinding {
  std::vector<Binding> bind;
  std::vector<Place> unbind;
  FlagLosses lost = {};      // flags agreed on that the older entry has and the newer has not, by its UID
  bool keeps_flags = false;  // some of them are agreed on no more
  bool leaves_lost = false;  // without a successor: what a restored target has lost (kNowhere)
};

/// After a change of UIDVALIDITY at the source the same messages have new places: what was replayed under the old ones
/// is theirs, content by content, identical copies one to one. What finds no successor keeps its old binding. `fresh`:
/// unbound entries of the current generation.
Rebinding rebind(const std::vector<Entry>& fresh, const std::vector<OldBinding>& old);

}  // namespace postern::sync
