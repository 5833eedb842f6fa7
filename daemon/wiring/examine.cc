#include "daemon/wiring/examine.h"

#include <string>
#include <utility>
#include <variant>

#include "daemon/wiring/email_id.h"

namespace postern::daemon {
namespace {

using sync::FlagReport;

/// RFC 7162 §4: a client keeps command lines within 8,192 octets.
constexpr std::size_t kKnownUidsOctets = 7'000;
/// More flag reports than fit in here are not from a mailbox that exists.
constexpr std::size_t kReportOctets = std::size_t{1} << 30;

sync::MailboxStatus status_of(const client::ImapClient& client, const imap::SelectedMailbox& selected) {
  sync::MailboxStatus status;
  status.uidvalidity = selected.uidvalidity;
  status.uidnext = selected.uidnext;
  status.messages = selected.exists;
  // Some state it unasked. Where CONDSTORE may not be used STATUS is not asked for it, and nothing could follow from
  // it.
  if (client.condstore()) status.highestmodseq = selected.highestmodseq;
  status.mailbox_id = selected.mailbox_id;
  return status;
}

/// The UIDs that QRESYNC is to report on: those held, and whatever came since. Named alone, those held would keep the
/// server from reporting new messages, and no count would add up (RFC 7162 §3.2.5.1).
UidSet held_and_new(UidSet held, std::uint32_t uidnext) {
  constexpr std::uint32_t kLastUid = 0xffffffff;
  const std::uint32_t behind = held.empty() || held.max().value() == kLastUid ? 1 : held.max().value() + 1;
  return held.united(UidSet::range(uidnext != 0 ? uidnext : behind, kLastUid));
}

}  // namespace

void FlagReports::take(const imap::FetchData& data) {
  if (!data.uid || !data.flags) return;
  octets_ += sizeof(FlagReport);
  for (const std::string& flag : *data.flags) octets_ += sizeof flag + flag.size();
  if (octets_ > kReportOctets) return;
  reports_.push_back({*data.uid, *data.flags, data.modseq.value_or(ModSeq())});
}

Result<std::vector<FlagReport>> FlagReports::finish() {
  if (octets_ > kReportOctets) return fail(ErrorKind::protocol, "the server reports flags without end");
  return std::move(reports_);
}

void ExamineAnswer::take(const imap::Untagged& untagged) {
  const auto* status = std::get_if<imap::StatusResponse>(&untagged.data);
  if (status != nullptr && status->code.is(imap::CodeKind::closed)) {
    vanished_ = UidGatherer();  // what came before was of the mailbox that was open (RFC 7162 §3.2.11)
    reports_ = FlagReports();
  }
  const auto* gone = std::get_if<imap::VanishedData>(&untagged.data);
  if (gone != nullptr && gone->earlier) vanished_.add(gone->uids);
}

Result<sync::OpenedMailbox::Changes> ExamineAnswer::changes() {
  auto changed = reports_.finish();
  if (!changed) return fail(std::move(changed.error()));
  return sync::OpenedMailbox::Changes{vanished_.take(), std::move(*changed)};
}

imap::Select examine_command(const client::ImapClient& client, MailboxName name,
                             const std::optional<SourceCursor>& resume, UidSet known) {
  imap::Select command;
  command.mailbox = std::move(name);
  command.read_only = true;
  if (resume && client.qresync() && resume->uidvalidity.value() != 0 && resume->highestmodseq.value() != 0) {
    command.qresync = {resume->uidvalidity, resume->highestmodseq, {}};
    // Too long for a line: without it the server reports every UID that vanished, also ones never seen, which is
    // allowed.
    UidSet reported = held_and_new(std::move(known), resume->uidnext);
    if (reported.to_string().size() <= kKnownUidsOctets) command.qresync->known = std::move(reported);
  } else {
    command.condstore = client.condstore();
  }
  return command;
}

Result<sync::OpenedMailbox> opened_by(const client::ImapClient& client, const imap::Select& command,
                                      ExamineAnswer& answer) {
  const imap::SelectedMailbox* selected = client.selected();
  if (selected == nullptr) return fail(ErrorKind::protocol, "EXAMINE did not open it");
  if (!selected->exists_stated) {  // against a count that was never stated, any listing would be complete
    return fail(Error(ErrorKind::server_bug, "the server opened the mailbox without saying how many messages it holds")
                    .scope(Scope::mailbox)
                    .remedy("nothing is inferred from it; what the vault has of the mailbox stays"));
  }
  sync::OpenedMailbox opened;
  opened.status = status_of(client, *selected);
  opened.uid_not_sticky = selected->uid_not_sticky;
  // Without HIGHESTMODSEQ, or for another generation, the server has answered a plain EXAMINE.
  if (command.qresync && !answer.cut_short() && opened.status.highestmodseq.value() != 0 &&
      opened.status.uidvalidity == command.qresync->uidvalidity) {
    auto changes = answer.changes();
    if (!changes) return fail(std::move(changes.error()));
    opened.changes = std::move(*changes);
  }
  return opened;
}

imap::UidSearch search_command(const client::ImapClient& client) {
  imap::UidSearch search;
  search.return_all = client.has("ESEARCH");
  return search;
}

Result<UidSet> checked_search(UidSet found, std::uint64_t exists) {
  if (found.size() <= 2 * exists + 1'000) return found;
  return fail(ErrorKind::protocol,
              "SEARCH lists " + std::to_string(found.size()) + " messages where " + std::to_string(exists) + " exist");
}

imap::UidFetch flags_command(const client::ImapClient& client, UidSet uids, std::optional<ModSeq> since) {
  imap::UidFetch command;
  command.uids = std::move(uids);
  command.items.flags = true;
  command.items.modseq = client.condstore();
  if (client.condstore()) command.changed_since = since;
  return command;
}

imap::FetchItems body_items(const client::ImapClient& client) {
  imap::FetchItems items;
  items.flags = items.internal_date = items.rfc822_size = items.body = true;
  items.modseq = client.condstore();
  ask_email_id(client, items);
  return items;
}

}  // namespace postern::daemon
