#include "daemon/wiring/imap_source.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "core/mail/uid_gatherer.h"
#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/body_fetch.h"
#include "daemon/wiring/email_id.h"
#include "daemon/wiring/examine.h"
#include "daemon/wiring/identity_fetch.h"
#include "daemon/wiring/limited_reading.h"
#include "daemon/wiring/mailbox_list.h"
#include "daemon/wiring/mailbox_tour.h"

namespace postern::daemon {
namespace {

using sync::FlagReport;

/// EXAMINE, with what changed since the cursor.
class Opening final : public client::Conversation {
 public:
  explicit Opening(imap::Select command) : command_(std::move(command)) {}

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void untagged(imap::Untagged& untagged) override { answer_.take(untagged); }
  void fetched(imap::Fetched& fetched) override { answer_.take(fetched.data); }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error));
    answer_.take(tagged);
    return {};
  }
  ExamineAnswer& answer() { return answer_; }

 private:
  std::optional<imap::Select> command_;
  ExamineAnswer answer_;
};

}  // namespace

sync::SourceFeatures ImapSource::features() const {
  return {.list_status = lists_with_status(*client_),
          .condstore = client_->condstore(),
          .qresync = client_->qresync(),
          .email_ids = states_email_ids(*client_),
          .labels = client_->has("X-GM-EXT-1"),
          .message_limit = client_->capabilities().message_limit(),
          .view_limit = view_limit(*client_)};
}

Task<Result<std::vector<sync::ListedMailbox>>> ImapSource::list(Wait wait) {
  return list_mailboxes(*client_, true, std::move(wait));
}

Task<Result<sync::OpenedMailbox>> ImapSource::open(MailboxName name, std::optional<SourceCursor> resume, UidSet known,
                                                   Wait wait) {
  const imap::Select command = examine_command(*client_, name, resume, std::move(known));
  Opening opening(command);
  auto ran = co_await client_->run(opening, wait);
  if (!ran) co_return fail(std::move(ran.error()).at(name.display()));
  auto opened = opened_by(*client_, command, opening.answer());
  if (!opened) co_return fail(std::move(opened.error()).at(name.display()));
  co_return std::move(*opened);
}

Task<Result<UidSet>> ImapSource::uids(Wait wait) { return search_all(*client_, std::move(wait)); }

Task<Result<std::vector<FlagReport>>> ImapSource::flags(UidRange range, std::optional<ModSeq> since, Wait wait) {
  return read_flags(*client_, UidSet::range(range.first, range.last), since, std::move(wait));
}

Task<Result<std::vector<sync::ListedMessage>>> ImapSource::identities(UidSet uids, bool headers, Wait wait) {
  imap::FetchItems items;
  items.flags = items.internal_date = items.rfc822_size = true;
  items.modseq = client_->condstore();
  ask_email_id(*client_, items);
  if (headers) items.header_fields.assign(mime::kStableFields.begin(), mime::kStableFields.end());
  IdentityFetch reading(uids, std::move(items), client_->capabilities().message_limit());
  auto ran = co_await client_->run(reading, wait);
  if (!ran) co_return fail(std::move(ran.error()).at("FETCH"));
  co_return reading.finish();
}

Task<Result<sync::FetchOutcome>> ImapSource::fetch_from(sync::UidFeed& feed, sync::MessageSink& sink, Wait wait) {
  const std::uint64_t at_once = client_->capabilities().message_limit().value_or(BodyFetch::kMessages);
  BodyFetch bodies(feed, body_items(*client_), sink, std::min(at_once, BodyFetch::kMessages));
  auto ran = co_await client_->run(bodies, wait);
  while (ran && bodies.unfinished()) ran = co_await client_->run(bodies, wait);
  bodies.finish();
  if (!ran) co_return fail(std::move(ran.error()).at("FETCH"));
  co_return sync::FetchOutcome{bodies.take_refused(), bodies.take_repeated()};
}

Task<Result<void>> ImapSource::tour(sync::TourGuide& guide, Wait wait) {
  MailboxTour tour(*client_, guide);
  auto ran = co_await client_->run(tour, wait);
  tour.finish();
  co_return ran;
}

Task<void> ImapSource::close() { return client_->logout(); }

Task<Result<std::unique_ptr<sync::Source>>> ImapSourceConnector::connect(Wait wait) {
  client::ImapSettings settings = settings_;
  settings.introduce_with_first = !std::exchange(connected_, true);
  auto client = co_await client::ImapClient::connect(dialer_, scheduler_, std::move(settings), std::move(wait));
  if (!client) co_return fail(std::move(client.error()));
  co_return std::unique_ptr<sync::Source>(std::make_unique<ImapSource>(std::move(*client), tally_));
}

}  // namespace postern::daemon
