#include "tests/support/model/model_source_writer.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "core/io/sleep.h"

namespace postern::testing {
namespace {

class Session final : public sync::SourceWriter {
 public:
  Session(ModelServer& server, Faults& faults, Scheduler& scheduler)
      : server_(server), faults_(faults), scheduler_(scheduler) {}

  bool can_expunge() const override { return server_.quirks.uidplus; }
  std::uint64_t commands_sent() const override { return calls_; }

  Task<Result<sync::OpenedForWriting>> open(MailboxName name, Wait) override {
    sync::OpenedForWriting opened;
    opened_ = name.display();
    if (!opened_.empty() && opened_ == server_.quirks.busy_mailbox) {
      co_return fail(Error(ErrorKind::busy, "the mailbox is in use").server_text("NO [INUSE] in use"));
    }
    auto done = co_await step("writer.open", [this, &opened](ModelMailbox& box) {
      opened = {box.uidvalidity, server_.quirks.read_only, false};
      opened.permanent_flags = {"\\Seen", "\\Answered", "\\Flagged", "\\Draft", "\\Deleted"};
      opened.uidnext = box.uidnext;
      if (server_.quirks.condstore) opened.highestmodseq = box.highestmodseq;
      if (!server_.quirks.permanent_flags) return;
      opened.any_keyword = false;
      opened.permanent_flags = *server_.quirks.permanent_flags;
    });
    if (!done) co_return fail(done.error());
    co_return opened;
  }
  Task<Result<std::vector<sync::ListedMessage>>> list(UidSet uids, Wait) override {
    std::vector<sync::ListedMessage> listed;
    auto done = co_await step("writer.list", [this, &uids, &listed](ModelMailbox& box) {
      for (const auto& [uid, message] : box.messages) {
        if (!uids.contains(uid)) continue;
        const auto size = message.octets.size() + static_cast<std::uint64_t>(server_.quirks.size_lie);
        const Digest header = identity_of(message.octets).header;
        listed.push_back({uid, message.flags, message.date, message.modseq, size, {}, header});
      }
    });
    if (!done) co_return fail(done.error());
    co_return listed;
  }
  Task<Result<std::vector<sync::FlagReport>>> flags(UidSet uids, Wait) override {
    std::vector<sync::FlagReport> reports;
    if (!opened_.empty() && opened_ == server_.quirks.flags_refused) {
      co_return fail(Error(ErrorKind::server_bug, "the server refused").scope(Scope::mailbox).server_text("NO no"));
    }
    auto done = co_await step("writer.flags", [this, &uids, &reports](ModelMailbox& box) {
      for (const auto& [uid, message] : box.messages) {
        if (!uids.contains(uid)) continue;
        reports.push_back({uid, message.flags, server_.quirks.condstore ? message.modseq : ModSeq()});
      }
    });
    if (!done) co_return fail(done.error());
    co_return reports;
  }
  Task<Result<sync::StoreOutcome>> store_flags(UidSet uids, FlagDelta delta, std::optional<ModSeq> unchanged_since,
                                               Wait) override {
    if (unchanged_since && !server_.quirks.condstore) throw std::logic_error("UNCHANGEDSINCE without CONDSTORE");
    if (delta.add.contains("\\Deleted")) throw std::logic_error("\\Deleted at the source");
    if (!opened_.empty() && opened_ == server_.quirks.store_cuts) {
      broken_ = true;
      co_return fail(Faults::cut());
    }
    sync::StoreOutcome outcome;
    std::optional<Error> refused;
    auto done = co_await step("writer.store_flags", [&](ModelMailbox& box) {
      const Quirks& quirks = server_.quirks;
      ++server_.mutations;
      if (!quirks.store_refuses.empty() &&
          (delta.add.contains(quirks.store_refuses) || delta.remove.contains(quirks.store_refuses))) {
        refused = Error(ErrorKind::server_bug, "the server refused").scope(Scope::mailbox).server_text("BAD no");
        return;
      }
      uids.for_each([&](Uid uid) {
        const auto found = box.messages.find(uid);
        if (found == box.messages.end()) return;
        if (unchanged_since && (quirks.always_modified || found->second.modseq > *unchanged_since)) {
          return outcome.modified.add(uid);
        }
        FlagSet flags = found->second.flags.applied(delta);
        for (const std::string& flag : quirks.store_drops) flags.erase(flag);
        box.store(uid, std::move(flags));
      });
    });
    if (!done) co_return fail(done.error());
    if (refused) co_return fail(*refused);
    co_return outcome;
  }
  Task<Result<void>> expunge(UidSet uids, Wait) override {
    if (!can_expunge()) throw std::logic_error("UID EXPUNGE without UIDPLUS");
    auto marked = co_await step("writer.store", [this, &uids](ModelMailbox& box) {
      ++server_.mutations;
      uids.for_each([&box](Uid uid) {
        const auto found = box.messages.find(uid);
        if (found == box.messages.end()) return;
        FlagSet flags = found->second.flags;
        flags.insert("\\Deleted");
        box.store(uid, std::move(flags));
      });
    });
    if (!marked) co_return marked;
    auto removed = co_await step("writer.expunge", [this, &uids](ModelMailbox& box) {
      ++server_.mutations;
      uids.for_each([&box](Uid uid) {
        const auto found = box.messages.find(uid);
        if (found != box.messages.end() && found->second.flags.contains("\\Deleted")) box.expunge(uid);
      });
    });
    co_return removed;
  }
  Task<void> close() override { co_return; }

 private:
  /// Runs `effect` on the opened mailbox around the fault chosen for this call.
  Task<Result<void>> step(std::string_view call, std::function<void(ModelMailbox&)> effect) {
    ++calls_;
    co_await yield(scheduler_);
    if (broken_) co_return fail(Faults::cut());
    const Fault fault = faults_.next(call);
    if (fault == Fault::killed_before) co_await faults_.killed();
    broken_ = fault != Fault::none && fault != Fault::killed_after;
    if (fault == Fault::cut_before || fault == Fault::cut_undone) co_return fail(Faults::cut());
    const auto box = server_.boxes().find(opened_);
    if (box == server_.boxes().end()) co_return fail(ErrorKind::not_found, "no such mailbox");
    effect(box->second);
    if (fault == Fault::killed_after) co_await faults_.killed();
    if (broken_) co_return fail(Faults::cut());
    co_return {};
  }

  ModelServer& server_;
  Faults& faults_;
  Scheduler& scheduler_;
  std::string opened_;
  bool broken_ = false;
  std::uint64_t calls_ = 0;
};

}  // namespace

Task<Result<std::unique_ptr<sync::SourceWriter>>> ModelSourceWriter::connect(Wait) {
  co_await yield(scheduler_);
  const Fault fault = faults_.next("writer.connect");
  if (fault == Fault::killed_before || fault == Fault::killed_after) co_await faults_.killed();
  if (fault != Fault::none) co_return fail(Faults::cut());
  co_return std::make_unique<Session>(server_, faults_, scheduler_);
}

}  // namespace postern::testing
