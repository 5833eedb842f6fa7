#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Brings flag changes to bound messages: equal changes among those gathered are one UID STORE over a set; what
/// both sides then agree on is durable afterwards. Where the target has CONDSTORE, a message that somebody changed
/// since the mailbox was opened is read and merged again before it is told anything.
///
/// A target that refuses a change (NO, BAD) is asked once more without the keywords, then for half the messages at a
/// time; what it still will not do is reported, and told again with the next change of the message.
class FlagRun {
 public:
  explicit FlagRun(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Nothing when source and target agree already.
  void add(const Entry& entry, const Binding& binding);
  /// So much is gathered that it is time to run().
  bool is_full() const { return agreed_.size() >= kMostChanges; }
  /// Afterwards further ones may be gathered.
  Task<Result<void>> run();
  /// Once, after the last run(): what the target did not take.
  void report_refused();

 private:
  Task<Result<void>> tell(UidSet uids, FlagDelta delta);
  Task<Result<void>> tell_less(UidSet uids, FlagDelta delta, Error refusal);
  Task<Result<std::vector<Binding>>> agreed_now(UidSet uids, FlagDelta delta);
  Task<Result<IntentId>> intend(UidSet uids, FlagDelta delta, ModSeq since);
  Task<Result<void>> put_off();
  Task<Result<void>> store(UidSet uids, FlagDelta delta);
  Task<Result<UidSet>> merge_again(UidSet uids, FlagDelta told, bool last_try);

  static constexpr std::size_t kMostChanges = 20'000;  // some MiB

  struct Agreement {
    FlagSet before;
    Binding after;  // once the change is done
  };

  TargetMailbox& mailbox_;
  FlagGroups groups_;
  std::set<Uid> later_;              // on the target: put off
  std::map<Uid, Agreement> agreed_;  // by target UID
  std::optional<Error> refusal_;     // the first one
  FlagSet refused_;                  // what the target does not set or take away, of so many messages
  std::uint64_t refused_messages_ = 0;
};

}  // namespace postern::sync
