#include "daemon/wiring/imap_source.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "daemon/wiring/body_fetch.h"
#include "daemon/wiring/mailbox_list.h"

namespace postern::daemon {
namespace {

using sync::FlagReport;

/// RFC 7162 §4: a client keeps command lines within 8,192 octets.
constexpr std::size_t kKnownUidsOctets = 7'000;
/// More flag reports than this are not from a mailbox that exists.
constexpr std::size_t kMostReports = 8'000'000;

/// Collects the flags of FETCH responses.
class FlagReports {
 public:
  void take(const imap::FetchData& data) {
    if (!data.uid || !data.flags) return;
    too_many_ = too_many_ || reports_.size() == kMostReports;
    if (too_many_) return;
    reports_.push_back({*data.uid, *data.flags, data.modseq.value_or(ModSeq())});
  }
  Result<std::vector<FlagReport>> finish() {
    if (too_many_) return fail(ErrorKind::protocol, "the server reports flags without end");
    return std::move(reports_);
  }

 private:
  std::vector<FlagReport> reports_;
  bool too_many_ = false;
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
      vanished_ = UidSet();  // what came before was of the mailbox that was open (RFC 7162 §3.2.11)
      reports_ = FlagReports();
    }
    const auto* gone = std::get_if<imap::VanishedData>(&untagged.data);
    if (gone != nullptr && gone->earlier) vanished_ = vanished_.united(gone->uids);
  }
  void fetched(imap::Fetched& fetched) override { reports_.take(fetched.data); }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error));
    return {};
  }
  Result<sync::OpenedMailbox::Changes> changes() {
    auto changed = reports_.finish();
    if (!changed) return fail(std::move(changed.error()));
    return sync::OpenedMailbox::Changes{std::move(vanished_), std::move(*changed)};
  }

 private:
  std::optional<imap::Select> command_;
  UidSet vanished_;
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
  UidSet found;
  auto tagged = co_await client_->execute(
      std::move(search),
      [&found](imap::Untagged& untagged) {
        if (const auto* data = std::get_if<imap::SearchData>(&untagged.data)) found = found.united(data->all);
      },
      wait);
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error).at("SEARCH"));
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
