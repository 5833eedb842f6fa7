#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/sync/engine/flag_wishes.h"
#include "core/sync/engine/target_mailbox.h"
#include "core/sync/planner/flag_losses.h"

namespace postern::sync {

/// What people changed of the flags of bound messages on the target (flags: two_way), read behind the last thing that
/// we change there, so that what we told the target is no news: by CHANGEDSINCE from the mailbox's cursor, or all of
/// them where that is due.
class OwnFlags {
 public:
  /// `record` is the mailbox's, as it is durable, and stays so.
  OwnFlags(TargetMailbox& mailbox, TargetMailboxRecord& record) : mailbox_(mailbox), record_(record) {}

  /// Before anything is changed there: a mailbox that went back has never been looked at. Needs no wish for its flags:
  /// what we change may bring it up to where it was.
  Task<Result<void>> distrust();
  /// Leaves in the Context what is to be changed at the source; where that is nothing the cursor moves at once.
  /// `opened_before`: the target was changed since it was opened.
  Task<Result<void>> look(bool opened_before);

 private:
  /// Bindings of this mailbox behind what was looked at, as far as `last`, with their messages' UIDs on the target.
  struct Window {
    Place last;
    UidSet uids;
  };
  std::optional<FlagsPart> resumed() const;
  Task<Result<void>> read_changed();
  Task<Result<void>> read_all();
  Task<Result<std::vector<Binding>>> bindings_after(std::optional<Place> after);
  Task<Result<std::optional<Window>>> next_window();
  bool is_followed(const Binding& binding) const;
  void collect(const std::vector<Binding>& bindings, std::vector<UidRange>& uids);
  Task<Result<void>> match(std::vector<Binding> bindings, const std::map<Uid, FlagSet>& now);
  Task<Result<std::map<Uid, FlagSet>>> flags(UidSet uids, std::optional<ModSeq> since);
  Task<Result<void>> withhold(const std::map<std::string, UidSet>& mass);
  Task<Result<void>> disagree(const std::string& flag, const UidSet& uids);
  void leave_out(const FlagSet& flags);
  void report(const std::map<std::string, UidSet>& mass);
  bool is_full() const {
    return wished_ >= mailbox_.context().options.own_flags_at_once || wishes_.groups.groups().size() >= kMostChanges;
  }

  // What is gathered at most; the next pass goes on.
  static constexpr std::size_t kMostChanges = 5'000;  // that differ

  TargetMailbox& mailbox_;
  TargetMailboxRecord& record_;
  MailboxWishes wishes_;
  std::uint64_t wished_ = 0;
  std::uint64_t bound_ = 0;         // messages of this source mailbox that were looked at
  std::optional<Place> looked_at_;  // the last of them
  FlagLosses losses_;               // by UID at the source
};

}  // namespace postern::sync
