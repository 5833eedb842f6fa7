#include "daemon/wiring/flag_store.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include "core/mail/uid_gatherer.h"

namespace postern::daemon {
namespace {

/// Every STORE of a delta without a condition, pipelined.
class StoringFlags final : public client::Conversation {
 public:
  StoringFlags(const UidSet& uids, const FlagDelta& delta) {
    for (const UidSet& part : uids.split(UINT32_MAX)) {
      if (!delta.add.empty()) commands_.push_back({part, imap::UidStore::Mode::add, delta.add, std::nullopt});
      if (!delta.remove.empty()) commands_.push_back({part, imap::UidStore::Mode::remove, delta.remove, std::nullopt});
    }
  }
  std::optional<imap::Command> next() override {
    if (commands_.empty()) return std::nullopt;
    imap::UidStore command = std::move(commands_.front());
    commands_.pop_front();
    return command;
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error).at("STORE"));
    return {};
  }

 private:
  std::deque<imap::UidStore> commands_;
};

/// One STORE under a condition. A NO that names the messages it left alone is an answer like OK.
class StoringUnchanged final : public client::Conversation {
 public:
  explicit StoringUnchanged(imap::UidStore command)
      : uids_(command.uids), latest_(command.unchanged_since.value_or(ModSeq())), command_(std::move(command)) {}
  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void fetched(imap::Fetched& fetched) override {
    if (!fetched.data.uid || !fetched.data.modseq || !uids_.contains(*fetched.data.uid)) return;
    latest_ = std::max(latest_, *fetched.data.modseq);
  }
  Result<void> completed(imap::Tagged& tagged) override {
    const bool says_which = tagged.code.is(imap::CodeKind::modified) && tagged.code.uids() != nullptr;
    if (says_which) modified_ = tagged.code.uids()->intersected(uids_);
    if (tagged.error && !says_which) return fail(std::move(*tagged.error).at("STORE"));
    return {};
  }
  const UidSet& modified() const { return modified_; }
  /// The highest mod-sequence of `uids` that was stated, and at least the condition's.
  ModSeq latest() const { return latest_; }

 private:
  UidSet uids_;
  ModSeq latest_;
  std::optional<imap::UidStore> command_;
  UidSet modified_;
};

/// Which messages were left alone; `since` becomes what the next condition goes by. A BAD takes CONDSTORE from the
/// session: what it found fault with may have been the condition alone, so that it is asked for once without.
Task<Result<UidSet>> store_unchanged(client::ImapClient& client, imap::UidStore command, ModSeq& since, Wait wait) {
  if (client.condstore()) {
    StoringUnchanged storing(command);
    auto ran = co_await client.run(storing, wait);
    since = storing.latest();
    if (ran) co_return storing.modified();
    if (client.condstore()) co_return fail(std::move(ran.error()));
  }
  command.unchanged_since.reset();
  StoringUnchanged storing(std::move(command));
  auto ran = co_await client.run(storing, std::move(wait));
  if (!ran) co_return fail(std::move(ran.error()));
  co_return UidSet();
}

}  // namespace

Task<Result<sync::StoreOutcome>> store_flags(client::ImapClient& client, UidSet uids, FlagDelta delta,
                                             std::optional<ModSeq> unchanged_since, Wait wait) {
  sync::StoreOutcome outcome;
  if (!unchanged_since || !client.condstore()) {
    StoringFlags storing(uids, delta);
    auto ran = co_await client.run(storing, std::move(wait));
    if (!ran) co_return fail(std::move(ran.error()));
    co_return outcome;
  }
  for (UidSet part : uids.split(UINT32_MAX)) {
    ModSeq since = *unchanged_since;
    for (const auto mode : {imap::UidStore::Mode::add, imap::UidStore::Mode::remove}) {
      const FlagSet& flags = mode == imap::UidStore::Mode::add ? delta.add : delta.remove;
      if (flags.empty() || part.empty()) continue;
      auto modified = co_await store_unchanged(client, {part, mode, flags, since}, since, wait);
      if (!modified) co_return fail(std::move(modified.error()));
      outcome.modified = outcome.modified.united(*modified);
      part = part.without(*modified);
    }
  }
  co_return outcome;
}

}  // namespace postern::daemon
