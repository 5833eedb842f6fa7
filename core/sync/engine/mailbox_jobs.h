#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// A mailbox that a source pass has to look at.
struct MailboxJob {
  MailboxRecord record;
  MailboxStatus listed;
  bool by_itself = false;    // a tour could not prove it
  std::uint64_t serial = 0;  // of MailboxJobs: of equals the one that came last is taken first
};

/// The mailboxes of a source pass that nobody is at work on: INBOX first, then the small ones, so that a big mailbox
/// keeps nobody waiting. Shared by the sessions of the pass; lives on the loop's thread.
class MailboxJobs {
 public:
  void fill(std::vector<MailboxJob> jobs);
  /// Gives one back.
  void add(MailboxJob job);
  /// The next one.
  std::optional<MailboxJob> take();
  /// The next one that may go on a tour.
  std::optional<MailboxJob> take_for_tour();
  template <class Visit>
  void for_each(Visit visit) const {
    for (const MailboxJob& job : for_tour_) visit(job);
    for (const MailboxJob& job : single_) visit(job);
  }
  bool empty() const { return for_tour_.empty() && single_.empty(); }
  std::size_t size() const { return for_tour_.size() + single_.size(); }
  /// Whether the next one may go on a tour.
  bool tour_is_next() const;

 private:
  /// Whether `a` is taken later than `b`.
  struct Later {
    bool operator()(const MailboxJob& a, const MailboxJob& b) const;
  };
  using Jobs = std::multiset<MailboxJob, Later>;  // the next one last
  static MailboxJob take_last(Jobs& jobs);

  std::uint64_t next_serial_ = 0;
  Jobs for_tour_;
  Jobs single_;  // those that may not go on one
};

}  // namespace postern::sync
