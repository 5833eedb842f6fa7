#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/append.h"
#include "core/client/imap_client.h"
#include "core/io/dialer.h"
#include "core/io/scheduler.h"
#include "core/sync/ports.h"
#include "daemon/wiring/quirk_tally.h"

namespace postern::daemon {

/// A target account over IMAP. Lives on its client's thread.
class ImapTarget final : public sync::Target {
 public:
  /// The personal namespace (RFC 2342), as the connector found it.
  struct Personal {
    std::string prefix;
    char delimiter = '/';
  };
  /// What the session tolerated is added to `tally`, unless that is null, when this ends.
  ImapTarget(std::unique_ptr<client::ImapClient> client, Personal personal, QuirkTally* tally = nullptr)
      : client_(std::move(client)), personal_(std::move(personal)), tally_(tally) {}
  ~ImapTarget() override {
    if (tally_ != nullptr) tally_->add(client_->session().quirks());
  }

  sync::TargetFeatures features() const override;
  std::uint64_t commands_sent() const override { return client_->commands_sent(); }
  /// Without statuses: open() states what matters of a target mailbox.
  Task<Result<std::vector<sync::ListedMailbox>>> list(Wait wait) override;
  Task<Result<std::vector<sync::ListedMailbox>>> list_with_status(Wait wait) override;
  Task<Result<sync::Creation>> create(MailboxName name, Wait wait) override;
  Task<Result<void>> rename(MailboxName from, MailboxName to, Wait wait) override;
  Task<Result<void>> subscribe(MailboxName name, Wait wait) override;
  Task<Result<void>> unsubscribe(MailboxName name, Wait wait) override;
  Task<Result<sync::OpenedTarget>> open(MailboxName name, Wait wait) override;
  Task<Result<std::vector<sync::QuotaLimit>>> quota(MailboxName name, Wait wait) override;
  Task<Result<std::vector<sync::TargetMessage>>> messages(UidSet uids, Wait wait) override;
  Task<Result<std::vector<Hashed>>> digests(UidSet uids, Wait wait) override;
  Task<sync::AppendOutcome> append(MailboxName name, std::vector<sync::AppendItem> items, Wait wait) override;
  Task<std::vector<sync::AppendOutcome>> append_each(MailboxName name, std::vector<sync::AppendItem> items,
                                                     Wait wait) override;
  Task<Result<std::vector<sync::FlagReport>>> flags(UidSet uids, std::optional<ModSeq> since, Wait wait) override;
  Task<Result<sync::StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                               Wait wait) override;
  Task<Result<sync::MoveOutcome>> move(UidSet uids, MailboxName to, Wait wait) override;
  Task<Result<void>> expunge(UidSet uids, Wait wait) override;
  Task<Result<void>> remove(MailboxName name, Wait wait) override;
  Task<void> close() override;

 private:
  /// A command about the mailbox `name`.
  Task<Result<void>> about(MailboxName name, imap::Command command, Wait wait);
  FlagSet storable(const MailboxName& name, const FlagSet& flags) const;
  sync::AppendOutcome outcome(const MailboxName& name, std::size_t count, client::AppendReport report) const;

  Task<Result<void>> ask_append_limit(MailboxName name, Wait wait);

  std::unique_ptr<client::ImapClient> client_;
  std::optional<std::uint64_t> opened_limit_;  // the opened mailbox's own APPENDLIMIT
  Personal personal_;
  QuirkTally* tally_;
};

/// Makes ImapTargets. `dialer`, `scheduler` and `tally`, which may be null, must outlive it and them.
class ImapTargetConnector final : public sync::TargetConnector {
 public:
  ImapTargetConnector(Dialer& dialer, Scheduler& scheduler, client::ImapSettings settings, QuirkTally* tally = nullptr)
      : dialer_(dialer), scheduler_(scheduler), settings_(std::move(settings)), tally_(tally) {}
  Task<Result<std::unique_ptr<sync::Target>>> connect(Wait wait) override;

 private:
  Dialer& dialer_;
  Scheduler& scheduler_;
  client::ImapSettings settings_;
  QuirkTally* tally_;
};

}  // namespace postern::daemon
