#pragma once

#include <memory>

#include "core/client/imap_client.h"
#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/sync/ports.h"
#include "daemon/wiring/quirk_tally.h"

namespace postern::daemon {

/// A source account over IMAP: opens mailboxes by EXAMINE and reads bodies by BODY.PEEK, so that nothing at the source
/// changes. Lives on its client's thread.
class ImapSource final : public sync::Source {
 public:
  /// What the session tolerated is added to `tally`, unless that is null, when this ends.
  explicit ImapSource(std::unique_ptr<client::ImapClient> client, QuirkTally* tally = nullptr)
      : client_(std::move(client)), tally_(tally) {}
  ~ImapSource() override {
    if (tally_ != nullptr) tally_->add(client_->session().quirks());
  }

  sync::SourceFeatures features() const override;
  std::uint64_t commands_sent() const override { return client_->commands_sent(); }
  Task<Result<std::vector<sync::ListedMailbox>>> list(Wait wait) override;
  Task<Result<sync::OpenedMailbox>> open(MailboxName name, std::optional<SourceCursor> resume, UidSet known,
                                         Wait wait) override;
  Task<Result<UidSet>> uids(Wait wait) override;
  Task<Result<std::vector<sync::FlagReport>>> flags(UidRange range, std::optional<ModSeq> since, Wait wait) override;
  Task<Result<std::vector<sync::ListedMessage>>> identities(UidSet uids, bool headers, Wait wait) override;
  Task<Result<sync::FetchOutcome>> fetch_from(sync::UidFeed& feed, sync::MessageSink& sink, Wait wait) override;
  Task<Result<void>> tour(sync::TourGuide& guide, Wait wait) override;
  Task<void> close() override;

 private:
  std::unique_ptr<client::ImapClient> client_;
  QuirkTally* tally_;
};

/// Makes ImapSources. `dialer`, `scheduler` and `tally`, which may be null, must outlive it and them.
class ImapSourceConnector final : public sync::SourceConnector {
 public:
  ImapSourceConnector(Dialer& dialer, Scheduler& scheduler, client::ImapSettings settings, QuirkTally* tally = nullptr)
      : dialer_(dialer), scheduler_(scheduler), settings_(std::move(settings)), tally_(tally) {}
  Task<Result<std::unique_ptr<sync::Source>>> connect(Wait wait) override;

 private:
  Dialer& dialer_;
  Scheduler& scheduler_;
  client::ImapSettings settings_;
  QuirkTally* tally_;
  bool connected_ =
      false;  // a pass's first connection lists; later ones open mailboxes, and need ENABLE's answer first
};

}  // namespace postern::daemon
