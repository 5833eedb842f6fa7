#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "core/sync/engine/context.h"
#include "core/sync/engine/sharers.h"
#include "core/sync/planner/flag_merge.h"
#include "core/sync/planner/matching.h"

namespace postern::sync {

/// An opened target mailbox during one session: what is bound there, and how to look for messages in it. Shared by
/// adoption, reconciling, appending and flags.
class TargetMailbox {
 public:
  /// `progress` counts the bindings made durable, and outlives it. `sharers`: all source mailboxes that go to this one,
  /// or went there; none: `source` alone.
  TargetMailbox(Context& context, Target& target, TargetId id, MailboxRecord source, MailboxName name,
                std::uint64_t& progress, std::shared_ptr<Sharers> sharers = nullptr)
      : context_(context),
        target_(target),
        id_(id),
        source_(std::move(source)),
        name_(std::move(name)),
        progress_(progress),
        sharers_(sharers ? std::move(sharers) : std::make_shared<Sharers>()) {
    sharers_->join({source_.id});
  }

  /// SELECTs, again too: refreshes what the server states. All of an object is about one UIDVALIDITY: when another one
  /// shows, the session has to begin anew.
  Task<Result<void>> open();
  /// Reads which target UIDs are bound, once for all that share the mailbox.
  Task<Result<void>> load_bound();

  /// Entries of the source's current generation, in `range`, with their bindings. Their flags are in the target's words
  /// (KeywordMap): the one place where they are translated, so that everything that stems from rows, as intents and
  /// what is agreed, speaks the target's.
  struct Row {
    Entry entry;
    std::optional<Binding> binding;
    std::optional<Binding> once_bound;  // to a generation of the target mailbox that is no more
    /// Postern deleted it at the source, and the target mailbox as it is now is not known to have it.
    bool is_cleared() const { return !binding && once_bound && once_bound->leaving; }
    /// … for a restored target lost it. It is sent again from the vault, whatever the source has.
    bool is_lost() const { return is_cleared() && once_bound->target_uidvalidity == kNowhere; }
  };
  Task<Result<std::vector<Row>>> rows(UidRange range, std::size_t limit);

  /// Unbound messages of the target with UIDs at or above `first`; needs load_bound().
  Task<Result<std::vector<Candidate>>> unbound_from(std::uint32_t first);
  /// The identities of entries, as what to look for.
  Task<Result<std::vector<Wanted>>> wanted(std::vector<Entry> entries);
  /// The digests of candidates that are alike in everything cheaper. Fails, for the mailbox, when one of them is there
  /// and is not handed out: nothing may be concluded then.
  Task<Result<std::vector<KnownDigest>>> digests(UidSet uids);
  /// The digests of those that are handed out.
  Task<Result<std::vector<KnownDigest>>> digests_handed_out(UidSet uids);
  /// Why nothing may be concluded of what `unread` may be.
  static Error not_handed_out_error(const UidSet& unread);
  /// Which of `uids` are there and not among `known`.
  Task<Result<UidSet>> not_handed_out(UidSet uids, const std::vector<KnownDigest>& known);
  /// Binds, durably; `end_intent` too when given.
  Task<Result<void>> bind(std::vector<Binding> bindings, std::optional<IntentId> end_intent,
                          std::vector<Place> unbind = {});
  /// The same with whatever else belongs into the batch.
  Task<Result<void>> commit(Vault::TargetChanges changes);

  /// Undoes bindings, durably, with the doubts that follow; their UIDs are nobody's again. What is `leaving` is bound
  /// to kNowhere instead, for nobody but the vault may have it.
  Task<Result<void>> unbind(std::vector<Binding> bindings, std::vector<Doubt> doubt = {});

  /// Says `leaving` of what note_cleared() was told of.
  Binding binding(Place place, Uid target_uid, FlagSet agreed) const;
  /// Of a binding read from the vault, before its message is bound anew: rows() does it.
  void note_cleared(const Binding& held) {
    if (held.leaving) cleared_.insert(held.place);
  }
  FlagSupport flag_support() const {
    return {opened_.any_keyword, opened_.permanent_flags, context_.options.deletes == Deletes::mirror};
  }

  Context& context() { return context_; }
  Target& target() { return target_; }
  TargetId id() const { return id_; }
  const MailboxRecord& source() const { return source_; }
  const MailboxName& name() const { return name_; }
  /// Source mailboxes that go to this one, or went there, source() included.
  const std::set<MailboxId>& sharers() const { return sharers_->ids; }
  bool is_shared_with(MailboxId source) const { return source != source_.id && sharers_->ids.contains(source); }
  const OpenedTarget& opened() const { return opened_; }
  TargetTotals& totals() { return *context_.report.target; }
  /// Below this every UID has been given out.
  std::uint32_t uidnext() const { return uidnext_; }
  void saw_uid(Uid uid) { uidnext_ = std::max(uidnext_, uid.value() + 1); }
  /// UIDs that are bound; needs load_bound().
  const UidSet& bound() const { return sharers_->bound; }
  bool is_bound(Uid uid) const { return bound().contains(uid); }
  /// How many UIDs at or above `first` are bound; needs load_bound().
  std::uint64_t bound_from(std::uint32_t first) const { return bound().from(Uid(first)).size(); }

 private:
  Context& context_;
  Target& target_;
  TargetId id_;
  MailboxRecord source_;
  MailboxName name_;
  std::uint64_t& progress_;
  std::shared_ptr<Sharers> sharers_;  // this one's source too
  std::set<Place> cleared_;           // of those that were come across
  bool was_open_ = false;
  OpenedTarget opened_;
  std::uint32_t uidnext_ = 1;
};

}  // namespace postern::sync
