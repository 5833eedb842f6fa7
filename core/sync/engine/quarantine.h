#pragma once

#include <map>
#include <tuple>

#include "core/sync/ports.h"

namespace postern::sync {

/// The account's quarantine during a pass: read once, written through to the vault.
class Quarantine {
 public:
  using Stage = QuarantineRecord::Stage;

  Quarantine(Vault& vault, const Clock& clock) : vault_(vault), clock_(clock) {}

  Task<Result<void>> load();
  /// Holds a message back, or once more: each attempt makes the next one later.
  Task<Result<void>> put(Place place, Stage stage, TargetId target, const Error& why);
  /// It went through, or is gone; nothing when it was not held.
  Task<Result<void>> clear(Place place, Stage stage, TargetId target = TargetId{});
  /// Clears what is held of a mailbox at `stage`, but for the UIDs of `keep` under `uidvalidity`.
  Task<Result<void>> clear_all_but(MailboxId mailbox, UidValidity uidvalidity, UidSet keep, Stage stage,
                                   TargetId target = TargetId{});

  struct Held {
    UidSet aside;  // not to be tried again yet
    UidSet due;
  };
  Held held(MailboxId mailbox, UidValidity uidvalidity, Stage stage, TargetId target = TargetId{}) const;
  bool holds(Place place, Stage stage, TargetId target = TargetId{}) const {
    return records_.contains({stage, target, place});
  }
  /// Mailboxes with something due for `target`.
  std::vector<Place> due_appends(TargetId target) const;
  std::uint64_t size() const { return records_.size(); }

 private:
  using Key = std::tuple<Stage, TargetId, Place>;
  static Key key(const QuarantineRecord& record) { return {record.stage, record.target, record.place}; }

  Vault& vault_;
  const Clock& clock_;
  std::map<Key, QuarantineRecord> records_;
};

}  // namespace postern::sync
