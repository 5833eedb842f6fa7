#include "daemon/wiring/imap_source.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "core/mail/uid_gatherer.h"
#include "daemon/wiring/body_fetch.h"
#include "daemon/wiring/mailbox_list.h"

namespace postern::daemon {
namespace {

using sync::FlagReport;

/// RFC 7162 §4: a client keeps command lines within 8,192 octets.
constexpr std::size_t kKnownUidsOctets = 7'000;
/// More flag reports than fit in here are not from a mailbox that exists.
constexpr std::size_t kReportOctets = std::size_t{1} << 30;

/// Collects the flags of FETCH responses.
class FlagReports {
 public:
  void take(const imap::FetchData& data) {
    if (!data.uid || !data.flags) return;
    octets_ += sizeof(FlagReport);
    for (const std::string& flag : *data.flags) octets_ += sizeof flag + flag.size();
    if (octets_ > kReportOctets) return;
    reports_.push_back({*data.uid, *data.flags, data.modseq.value_or(ModSeq())});
  }
  Result<std::vector<FlagReport>> finish() {
    if (octets_ > kReportOctets) return fail(ErrorKind::protocol, "the server reports flags without end");
    return std::move(reports_);
  }

 private:
  std::vector<FlagReport> reports_;
  std::size_t octets_ = 0;  // about what they take
};

/// EXAMINE, with what changed since the cursor.
class Opening final : public client::Conversation {
 public:
  explicit Opening(imap::Select command) : command_(std::move(command)) {}

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void untagged(imap::Untagged& untagged) override {
    const auto* status = std::get_if<imap::StatusResponse>(&untagged.data);
    if (status != nullptr && status->code.is(imap::CodeKind::closed)) {
      vanished_ = UidGatherer();  // what came before was of the mailbox that was open (RFC 7162 §3.2.11)
      reports_ = FlagReports();
    }
    const auto* gone = std::get_if<imap::VanishedData>(&untagged.data);
    if (gone != nullptr && gone->earlier) vanished_.add(gone->uids);
  }
  void fetched(imap::Fetched& fetched) override { reports_.take(fetched.data); }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error));
    return {};
  }
  Result<sync::OpenedMailbox::Changes> changes() {
    auto changed = reports_.finish();
    if (!changed) return fail(std::move(changed.error()));
    return sync::OpenedMailbox::Changes{vanished_.take(), std::move(*changed)};
  }

 private:
  std::optional<imap::Select> command_;
  UidGatherer vanished_;
  FlagReports reports_;
};

/// UID FETCH (FLAGS) of a range.
class ReadingFlags final : public client::Conversation {
 public:
  explicit ReadingFlags(imap::UidFetch command) : uids_(command.uids), command_(std::move(command)) {}

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void fetched(imap::Fetched& fetched) override {
    if (fetched.data.uid && uids_.contains(*fetched.data.uid)) reports_.take(fetched.data);
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error).at("FETCH"));
    return {};
  }
  Result<std::vector<FlagReport>> finish() { return reports_.finish(); }

 private:
  UidSet uids_;
  std::optional<imap::UidFetch> command_;
  FlagReports reports_;
};

imap::Select::Qresync qresync_since(const SourceCursor& cursor, UidSet known) {
  imap::Select::Qresync qresync{cursor.uidvalidity, cursor.highestmodseq, {}};
  // Too long for a line: without it the server reports every UID that vanished, also ones never seen, which is allowed.
  if (known.to_string().size() <= kKnownUidsOctets) qresync.known = std::move(known);
  return qresync;
}

sync::MailboxStatus status_of(const imap::SelectedMailbox& selected) {
  sync::MailboxStatus status;
  status.uidvalidity = selected.uidvalidity;
  status.uidnext = selected.uidnext;
  status.messages = selected.exists;
  status.highestmodseq = selected.highestmodseq;
  return status;
}

}  // namespace

sync::SourceFeatures ImapSource::features() const {
  return {.list_status = lists_with_status(*client_), .condstore = client_->condstore(), .qresync = client_->qresync()};
}

Task<Result<std::vector<sync::ListedMailbox>>> ImapSource::list(Wait wait) {
  return list_mailboxes(*client_, true, std::move(wait));
}

Task<Result<sync::OpenedMailbox>> ImapSource::open(MailboxName name, std::optional<SourceCursor> resume, UidSet known,
                                                   Wait wait) {
  imap::Select command;
  command.mailbox = name;
  command.read_only = true;
  const bool since =
      resume && client_->qresync() && resume->uidvalidity.value() != 0 && resume->highestmodseq.value() != 0;
  if (since) {
    command.qresync = qresync_since(*resume, std::move(known));
  } else {
    command.condstore = client_->condstore();
  }
  Opening opening(std::move(command));
  auto ran = co_await client_->run(opening, wait);
  if (!ran) co_return fail(std::move(ran.error()).at(name.display()));
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(Error(ErrorKind::protocol, "EXAMINE did not open it").at(name.display()));
  sync::OpenedMailbox opened;
  opened.status = status_of(*selected);
  opened.uid_not_sticky = selected->uid_not_sticky;
  // Without HIGHESTMODSEQ, or for another generation, the server has answered a plain EXAMINE.
  if (since && opened.status.highestmodseq.value() != 0 && opened.status.uidvalidity == resume->uidvalidity) {
    auto changes = opening.changes();
    if (!changes) co_return fail(std::move(changes.error()).at(name.display()));
    opened.changes = std::move(*changes);
  }
  co_return std::move(opened);
}

Task<Result<UidSet>> ImapSource::uids(Wait wait) {
  imap::UidSearch search;
  search.return_all = client_->has("ESEARCH");
  UidGatherer gathered;
  auto tagged = co_await client_->execute(
      std::move(search),
      [&gathered](imap::Untagged& untagged) {
        if (const auto* data = std::get_if<imap::SearchData>(&untagged.data)) gathered.add(data->all);
      },
      wait);
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error).at("SEARCH"));
  UidSet found = gathered.take();
  // Some servers list ghosts, but none lists many times what it counts: then the answer is not of this mailbox.
  const std::uint64_t exists = client_->selected() != nullptr ? client_->selected()->exists : 0;
  if (found.size() > 2 * exists + 1'000) {
    co_return fail(Error(ErrorKind::protocol, "SEARCH lists " + std::to_string(found.size()) + " messages where " +
                                                  std::to_string(exists) + " exist"));
  }
  co_return std::move(found);
}

Task<Result<std::vector<FlagReport>>> ImapSource::flags(UidRange range, std::optional<ModSeq> since, Wait wait) {
  imap::UidFetch command;
  command.uids = UidSet::range(range.first, range.last);
  command.items.flags = true;
  command.items.modseq = client_->condstore();
  if (client_->condstore()) command.changed_since = since;
  ReadingFlags reading(std::move(command));
  auto ran = co_await client_->run(reading, wait);
  if (!ran) co_return fail(std::move(ran.error()));
  co_return reading.finish();
}

Task<Result<sync::Source::FetchOutcome>> ImapSource::fetch(UidSet uids, sync::MessageSink& sink, Wait wait) {
  imap::FetchItems items;
  items.flags = items.internal_date = items.rfc822_size = items.body = true;
  items.modseq = client_->condstore();
  BodyFetch bodies(std::move(uids), std::move(items), sink);
  auto ran = co_await client_->run(bodies, wait);
  bodies.finish();
  if (!ran) co_return fail(std::move(ran.error()).at("FETCH"));
  co_return FetchOutcome{bodies.take_refused(), bodies.take_repeated()};
}

Task<void> ImapSource::close() { return client_->logout(); }

Task<Result<std::unique_ptr<sync::Source>>> ImapSourceConnector::connect(Wait wait) {
  auto client = co_await client::ImapClient::connect(dialer_, scheduler_, settings_, std::move(wait));
  if (!client) co_return fail(std::move(client.error()));
  co_return std::unique_ptr<sync::Source>(std::make_unique<ImapSource>(std::move(*client)));
}

}  // namespace postern::daemon
