#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/client/imap_client.h"
#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/sync/source_writer.h"
#include "daemon/wiring/quirk_tally.h"

namespace postern::daemon {

/// A source account over IMAP, open for writing: the only code that changes anything there. Lives on its client's
/// thread.
class ImapSourceWriter final : public sync::SourceWriter {
 public:
  /// What the session tolerated is added to `tally`, unless that is null, when this ends.
  explicit ImapSourceWriter(std::unique_ptr<client::ImapClient> client, QuirkTally* tally = nullptr)
      : client_(std::move(client)), tally_(tally) {}
  ~ImapSourceWriter() override {
    if (tally_ != nullptr) tally_->add(client_->session().quirks());
  }

  bool can_expunge() const override { return client_->has("UIDPLUS"); }
  std::uint64_t commands_sent() const override { return client_->commands_sent(); }
  Task<Result<sync::OpenedForWriting>> open(MailboxName name, Wait wait) override;
  Task<Result<std::vector<sync::ListedMessage>>> list(UidSet uids, Wait wait) override;
  Task<Result<std::vector<sync::FlagReport>>> flags(UidSet uids, Wait wait) override;
  Task<Result<sync::StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                               Wait wait) override;
  /// Never a bare EXPUNGE: it would remove what others marked.
  Task<Result<void>> expunge(UidSet uids, Wait wait) override;
  Task<void> close() override { return client_->logout(); }

 private:
  std::unique_ptr<client::ImapClient> client_;
  QuirkTally* tally_;
};

/// Makes ImapSourceWriters. `dialer`, `scheduler` and `tally`, which may be null, must outlive it and them.
class ImapSourceWriterConnector final : public sync::SourceWriterConnector {
 public:
  ImapSourceWriterConnector(Dialer& dialer, Scheduler& scheduler, client::ImapSettings settings,
                            QuirkTally* tally = nullptr)
      : dialer_(dialer), scheduler_(scheduler), settings_(std::move(settings)), tally_(tally) {}
  Task<Result<std::unique_ptr<sync::SourceWriter>>> connect(Wait wait) override;

 private:
  Dialer& dialer_;
  Scheduler& scheduler_;
  client::ImapSettings settings_;
  QuirkTally* tally_;
};

}  // namespace postern::daemon
