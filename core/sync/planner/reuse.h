#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/expected.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// Whether messages have gone since the cursor: there are fewer than UIDNEXT's growth explains. Silence says no.
bool has_lost_messages(const std::optional<SourceCursor>& cursor, const MailboxStatus& stated);

/// What speaks for it that a mailbox's new messages are held already, under other UIDs or in other mailboxes.
struct ReuseSigns {
  bool email_ids = false;         // the server names contents
  bool labels = false;            // and messages stand in several mailboxes as a rule
  bool new_generation = false;    // the vault has the mailbox under another UIDVALIDITY
  bool first_pull = false;        // no cursor yet
  bool any_mailbox_gone = false;  // at whatever time
  bool others_lost = false;       // another mailbox lost messages, or went, in this pass or the last
};
/// Whether to ask what `messages` new messages are before their bodies are fetched: one more round trip.
bool asks_before_fetching(const ReuseSigns& signs, std::uint64_t messages);

/// Entries that a new message may be, by size and date. 16 octets an entry, so that a full one takes 16 MB; it lives
/// for one pass of one account, and only where asks_before_fetching().
class ReuseCandidates {
 public:
  static constexpr std::size_t kMost = 1'000'000;
  /// So many places of one size and instant, whose headers tell them apart; what a robot writes is often that alike.
  static constexpr std::size_t kMostFits = 64;

  bool full() const { return all_.size() >= kMost; }
  bool empty() const { return all_.empty(); }
  void add(const Entry& entry);
  /// Places whose size and instant are these, or seem so: their entries decide. Ascending, each once; none when there
  /// are more than kMostFits.
  std::vector<Place> find(std::uint64_t size, const InternalDate& date);

 private:
  struct Candidate {
    std::uint64_t key;  // of size and instant
    std::uint32_t group;
    std::uint32_t uid;
  };
  static_assert(sizeof(Candidate) == 16);

  std::vector<Candidate> all_;
  std::size_t sorted_ = 0;  // so many of all_ are
  std::vector<std::pair<MailboxId, UidValidity>> groups_;
  std::map<std::pair<MailboxId, UidValidity>, std::uint32_t> group_ids_;
};

/// A message and the held bodies that it may be.
struct ReuseMatch {
  ListedMessage message;
  std::vector<Digest> digests;  // each once
  bool by_email_id = false;     // then there is one
};

/// What is to be done with it. `proven`: it is that body. `doubtful`: the server names it so, but size or header
/// differ; to be fetched, and what comes says whether the server's names can be believed. Else it is just fetched.
struct ReuseVerdict {
  enum class Kind : std::uint8_t { proven, doubtful, unknown };
  Kind kind = Kind::unknown;
  Digest digest;
};

/// Decides on a match whose message came with its header's digest. `held`: what the vault says of the bodies.
/// `exact_sizes`: whether the server's RFC822.SIZE is the size; without it, only a name tells, and its header.
ReuseVerdict judge(const ReuseMatch& match, const std::map<Digest, Identity>& held, bool exact_sizes);

/// Which of the proven ones are downloaded all the same: one in a hundred, and at least one of more than a handful;
/// always the same of the same. Indices, ascending.
std::vector<std::size_t> choose_samples(const std::vector<std::pair<Uid, Digest>>& proven);

}  // namespace postern::sync
