#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// A mailbox that a source pass has to look at.
struct MailboxJob {
  MailboxRecord record;
  MailboxStatus listed;
  bool by_itself = false;  // a tour could not prove it
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
    for (const MailboxJob& job : jobs_) visit(job);
  }
  bool empty() const { return jobs_.empty(); }
  std::size_t size() const { return jobs_.size(); }
  /// Whether the next one may go on a tour.
  bool tour_is_next() const;

 private:
  std::vector<MailboxJob> jobs_;  // the next one last
};

}  // namespace postern::sync
