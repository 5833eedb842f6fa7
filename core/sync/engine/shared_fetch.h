#pragma once

#include <cstdint>
#include <vector>

#include "core/io/event.h"
#include "core/sync/engine/body_sink.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// The bodies of one large mailbox, taken by several sessions a command at a time. Owned by the session that looks
/// through the mailbox, which stays until the others have let go of it.
class SharedFetch final : public UidFeed {
 public:
  SharedFetch(Context& context, CommitPipe& pipe, const MailboxRecord& mailbox, UidSet wanted, Suspects& suspects)
      : context_(context),
        pipe_(pipe),
        mailbox_(mailbox),
        wanted_(wanted),
        feed_(std::move(wanted)),
        suspects_(suspects),
        alone_(context.scheduler) {}

  UidSet take(std::uint64_t most) override { return feed_.take(most); }

  // --- the session that joins in
  /// Whether there is so much left that a further session pays.
  bool worth_joining() const { return !refused_ && feed_.left() >= kWorthJoining; }
  /// Opens the mailbox and fetches with the others until nothing is left. A failure is the session's alone: what it
  /// did not bring is fetched by the owner. Counts what it brought in `brought`.
  Task<Result<void>> join(Source& source, std::uint64_t& brought);

  // --- the owner
  /// Nothing more is taken; returns when it has the mailbox to itself again.
  Task<void> end();
  const UidSet& arrived() const { return arrived_; }
  /// What those who joined and failed had asked for without getting it.
  const UidSet& left_behind() const { return left_behind_; }
  std::vector<FetchOutcome> take_outcomes() { return std::move(outcomes_); }

  static constexpr std::uint64_t kWorthJoining = 2'000;

 private:
  Task<Result<void>> fetch(Source& source, BodySink& sink);

  Context& context_;
  CommitPipe& pipe_;
  const MailboxRecord& mailbox_;
  const UidSet wanted_;
  UidSetFeed feed_;
  Suspects& suspects_;
  UidSet arrived_;  // by those who joined
  UidSet left_behind_;
  bool refused_ = false;  // the mailbox cannot be opened a second time
  std::vector<FetchOutcome> outcomes_;
  std::size_t joined_ = 0;
  Event alone_;
};

/// The large mailboxes of a pass that a session without work can join in. Loop's thread.
class SharedFetches {
 public:
  explicit SharedFetches(Event& changed) : changed_(changed) {}
  void add(SharedFetch& fetch) {
    fetches_.push_back(&fetch);
    changed_.set();
  }
  void remove(const SharedFetch& fetch) { std::erase(fetches_, &fetch); }
  /// One that is worth joining; null: none.
  SharedFetch* joinable() const {
    for (SharedFetch* fetch : fetches_) {
      if (fetch->worth_joining()) return fetch;
    }
    return nullptr;
  }

 private:
  Event& changed_;  // set when there is one more
  std::vector<SharedFetch*> fetches_;
};

}  // namespace postern::sync
