#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/mail/records.h"

namespace postern::sync {

/// How much may be deleted on a target without a person (I8).
struct GuardLimits {
  std::uint64_t messages = 20;  // in one mailbox: so many …
  std::uint64_t percent = 20;   // … or this share of it, whichever is more
  std::uint64_t emptied = 5;    // a mailbox of more messages does not become empty
  std::size_t mailboxes = 2;    // no more than so many vanish at once
};

/// Whether so many of a mailbox's `of` messages are more than a person is likely to have meant, and more than a few.
bool is_mass(std::uint64_t messages, std::uint64_t of, const GuardLimits& limits);

/// What would be deleted in one mailbox of a target. UIDs are the source's, of messages that have vanished there and
/// are bound; a message that was moved is in none of them.
struct PendingDeletions {
  MailboxId mailbox;
  std::uint64_t of = 0;  // messages bound in the mailbox, those that were moved away left out
  UidSet vanished;       // since the last pass
  UidSet held;           // in earlier passes, and not let through …
  GuardHold::Reason held_for = GuardHold::Reason::many;  // … for this
  UidSet acknowledged;                                   // held, and a person lets them through
  /// UIDs of `vanished` or `held` were given out and are not below UIDNEXT any more: the server forgot them.
  bool reverted = false;
  bool gone = false;  // the source's mailbox itself is no longer there; nobody has let that through
};

struct GuardVerdict {
  MailboxId mailbox;
  UidSet carry_out;
  UidSet hold;                              // all that is held of the mailbox from now on
  std::optional<GuardHold::Reason> reason;  // of the hold; also where there is a mailbox without messages to hold
};

/// Which deletions of a pass go through, mailbox by mailbox. What is held already counts along, so that a source that
/// crumbles away bit by bit does not slip through; what is held stays so until a person lets it through, however few.
/// `other_account`: the source is not the one that filled the vault: nothing goes through but what a person lets
/// through.
std::vector<GuardVerdict> guard(const std::vector<PendingDeletions>& pending, const GuardLimits& limits,
                                bool other_account);

}  // namespace postern::sync
