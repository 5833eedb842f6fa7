#pragma once

#include <memory>

#include "core/sync/engine/commit_pipe.h"
#include "core/sync/engine/context.h"

namespace postern::sync {

/// Takes the bodies of one mailbox's FETCH, groups them into commits and pauses the socket while the vault is behind.
/// What nobody asked for, what came before, and an empty body for a message that the server itself calls longer are
/// thrown away: for the caller they did not arrive.
class BodySink final : public MessageSink {
 public:
  BodySink(Context& context, CommitPipe& pipe, MailboxId mailbox, UidValidity uidvalidity, UidSet wanted)
      : context_(context), pipe_(pipe), wanted_(std::move(wanted)) {
    pending_.mailbox = mailbox;
    pending_.uidvalidity = uidvalidity;
  }

  void begin(std::uint64_t size) override;
  void body(ByteView octets) override;
  void end(const ArrivedMessage& message) override;
  void abandon() override { body_.reset(); }
  void asked(const UidSet& uids) override { asked_ = asked_.united(uids); }
  Task<Result<void>> ready(Wait wait) override;

  /// Hands the messages that are complete to the vault.
  void flush();
  /// The same messages, not handed over, for a commit that holds more.
  std::vector<NewEntry> take();
  const UidSet& arrived() const { return arrived_; }
  /// What was asked for since forget_asked().
  const UidSet& asked() const { return asked_; }
  void forget_asked() { asked_ = UidSet(); }

 private:
  Context& context_;
  CommitPipe& pipe_;
  UidSet wanted_;
  UidSet arrived_;
  UidSet asked_;
  std::unique_ptr<IncomingBody> body_;
  MailboxChanges pending_;
  std::uint64_t pending_octets_ = 0;
};

}  // namespace postern::sync
