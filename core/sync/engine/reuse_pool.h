#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/io/event.h"
#include "core/sync/planner/reuse.h"
#include "core/sync/ports.h"

namespace postern::sync {

/// What a pass knows of bodies that its new messages may be: which mailboxes lost messages, and the entries that may be
/// found again elsewhere, read when they are wanted. Shared by the sessions of the pass; lives on the loop's thread.
class ReusePool {
 public:
  ReusePool(Vault& vault, Scheduler& scheduler) : vault_(vault), gathered_(scheduler) {}

  /// After LIST: the vault's mailboxes as the plan has left them, and what was stated. `began`: the history's end
  /// before this pass wrote. Reads the end of the history where there is anything new.
  Task<Result<void>> survey(const std::vector<MailboxRecord>& mailboxes, const std::vector<ListedMailbox>& listed,
                            HistorySeq began);
  /// Whether to ask what the new messages of a mailbox are before their bodies are fetched. What cannot be told from
  /// `stated` counts as new.
  bool asks(const SourceFeatures& features, const MailboxRecord& mailbox, const MailboxStatus& stated) const;

  /// Reads what `messages` new messages of `mailbox` may be; a bounded number of entries, in proportion to them, and
  /// none twice. One session at a time: what another is reading is in candidates() afterwards. `wait` is for it.
  Task<Result<void>> gather(MailboxId mailbox, UidValidity uidvalidity, bool first_pull, std::uint64_t messages,
                            Wait wait);
  ReuseCandidates& candidates() { return candidates_; }

  /// Whether the vault had pulled anything of the account before this pass.
  bool holds_anything() const { return !known_.empty(); }

  /// RFC822.SIZE was not the size of a body that came.
  void sizes_differ() { exact_sizes_ = false; }
  bool exact_sizes() const { return exact_sizes_; }
  /// A body was another than the one it was taken for: nothing more is reused in this pass.
  void distrust() { trusted_ = false; }
  bool trusted() const { return trusted_; }

  /// UIDs entered without their bodies in this pass.
  UidSet& reused(MailboxId mailbox, UidValidity uidvalidity) { return reused_[{mailbox, uidvalidity}]; }
  /// Of them what has to be fetched after all: everything, once a body was another.
  UidSet to_compare(MailboxId mailbox, UidValidity uidvalidity) const;

 private:
  using Group = std::pair<MailboxId, UidValidity>;

  bool others_lost(MailboxId mailbox) const;
  Task<Result<void>> gather_alone(MailboxId mailbox, UidValidity uidvalidity, bool first_pull, std::uint64_t budget);
  Task<Result<void>> read_history();
  Task<Result<void>> read_lost(MailboxId but, UidValidity uidvalidity);
  Task<Result<void>> read_losing(MailboxId but, std::uint64_t& budget);
  Task<Result<void>> read_gone(bool all, std::uint64_t& budget);
  /// These give whether there was nothing left to be read at the end.
  Task<Result<bool>> read_generations(MailboxId mailbox, std::optional<UidValidity> but, std::uint64_t& budget);
  Task<Result<bool>> read_group(Group group, std::uint64_t& budget);

  Vault& vault_;
  Event gathered_;
  bool gathering_ = false;
  std::set<MailboxId> known_;    // by LIST: with a generation in the vault …
  std::vector<Group> may_lose_;  // … of them present and in losing_, not read to the end
  std::vector<MailboxId> gone_;  // … not present, and not read to the end
  std::set<MailboxId> losing_;   // by what was stated
  std::set<MailboxId> went_;     // no longer listed since the last pass, or the pass before
  bool any_gone_ = false;

  HistorySeq began_;                        // rows up to here are of earlier passes
  std::optional<HistorySeq> seen_;          // the history is read up to here
  std::map<Group, std::vector<Uid>> lost_;  // vanished in this pass or the last, not read yet
  std::set<MailboxId> had_losses_;
  std::map<Group, std::uint64_t> read_;  // up to which UID a generation's entries are in candidates_
  ReuseCandidates candidates_;
  bool exact_sizes_ = true;
  bool trusted_ = true;
  std::map<Group, UidSet> reused_;
};

}  // namespace postern::sync
