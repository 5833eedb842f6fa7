#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/client/imap_client.h"
#include "core/mail/uid_gatherer.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// Collects the flags of FETCH responses, within a bound of memory.
class FlagReports {
 public:
  void take(const imap::FetchData& data);
  /// What was collected; an error when the server reported more than any mailbox can hold.
  Result<std::vector<sync::FlagReport>> finish();

 private:
  std::vector<sync::FlagReport> reports_;
  std::size_t octets_ = 0;  // about what they take
};

/// What the answer to one EXAMINE brings besides the mailbox's state: the changes that QRESYNC reports.
class ExamineAnswer {
 public:
  void take(const imap::Untagged& untagged);
  void take(const imap::FetchData& data) { reports_.take(data); }
  /// Its end: cut short by a MESSAGELIMIT (RFC 9738) it tells of some changes and not of others.
  void take(const imap::Tagged& tagged) { cut_short_ = tagged.code.is(imap::CodeKind::message_limit); }
  bool cut_short() const { return cut_short_; }
  Result<sync::OpenedMailbox::Changes> changes();

 private:
  UidGatherer vanished_;
  FlagReports reports_;
  bool cut_short_ = false;
};

/// EXAMINE `name`; with `resume`, and QRESYNC in force, it asks for what changed since. `known`: the UIDs held.
imap::Select examine_command(const client::ImapClient& client, MailboxName name,
                             const std::optional<SourceCursor>& resume, UidSet known);

/// The mailbox that `command` has just opened: call when its tagged OK has come, before anything further is read.
Result<sync::OpenedMailbox> opened_by(const client::ImapClient& client, const imap::Select& command,
                                      ExamineAnswer& answer);

/// UID SEARCH for everything; and what it found, checked against what the opened mailbox can hold: some servers list
/// ghosts, but none lists many times what it counts.
imap::UidSearch search_command(const client::ImapClient& client);
Result<UidSet> checked_search(UidSet found, std::uint64_t exists);

/// UID FETCH of the flags of `uids`; with `since`, and CONDSTORE, of those alone that changed after it.
imap::UidFetch flags_command(const client::ImapClient& client, UidSet uids, std::optional<ModSeq> since);

/// What is asked for of a message besides its body.
imap::FetchItems body_items(const client::ImapClient& client);

}  // namespace postern::daemon
