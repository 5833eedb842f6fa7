#pragma once

#include <map>
#include <vector>

#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/doubt.h"

namespace postern::sync {

/// What the vault remembers of a mailbox's messages that the target may have a second time, and the look for them. Of
/// one session; what it notes goes into the vault with the batch that makes it true.
class Doubts {
 public:
  explicit Doubts(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Once.
  Task<Result<void>> load();
  bool empty() const { return known_.empty(); }
  /// Second copies that a person was told of, of whichever message: several may be alike.
  UidSet reported() const;
  /// When the last APPEND in doubt was sent.
  WallTime latest() const;
  /// Null: there is none about the UIDVALIDITY of the opened mailbox.
  const Doubt* find(Place place) const;
  /// Counts an APPEND of these entries as doubtful. Gives what is to be written.
  std::vector<Doubt> note(const std::vector<Entry>& entries, const AppendInDoubt& append);
  /// The APPEND of that time that was answered with OK is not in doubt any more: the messages are there.
  void shown(const std::vector<Place>& places, WallTime at, Vault::TargetChanges& changes);
  /// Those that are in doubt and not bound, with the lowest UID that a copy of one may have.
  struct Unbound {
    std::vector<Entry> entries;
    std::uint32_t first = 1;
  };
  Task<Result<Unbound>> unbound();
  /// Those that are in doubt and bound: what is beside them is a second copy.
  struct Bound {
    Entry entry;
    Doubt doubt;
    Uid uid;
  };
  Task<Result<std::vector<Bound>>> bound();
  /// Tells of second copies, and remembers that.
  Task<Result<void>> report(const std::map<Place, UidSet>& copies);
  /// Ends those that are over, or that are about messages or mailboxes which are no more.
  Task<Result<void>> end_those_over();

 private:
  Task<Result<std::optional<Entry>>> entry_of(const Doubt& doubt);
  Task<Result<std::optional<Binding>>> binding_of(Place place);
  bool is_here(const std::optional<Binding>& binding) const;

  TargetMailbox& mailbox_;
  bool loaded_ = false;
  std::map<Place, Doubt> known_;
};

}  // namespace postern::sync
