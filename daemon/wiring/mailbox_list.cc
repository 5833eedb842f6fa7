#include "daemon/wiring/mailbox_list.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>

namespace postern::daemon {
namespace {

using sync::ListedMailbox;

sync::MailboxStatus status_of(const imap::StatusData& data) {
  sync::MailboxStatus status;
  status.uidvalidity = data.uidvalidity.value_or(UidValidity());
  status.uidnext = data.uidnext.value_or(0);
  status.messages = data.messages;
  status.highestmodseq = data.highestmodseq.value_or(ModSeq());
  status.mailbox_id = data.mailbox_id;
  return status;
}

/// Puts LIST, LSUB and STATUS responses together, whatever order they come in.
class Listing {
 public:
  void take(imap::Untagged& untagged) {
    if (auto* list = std::get_if<imap::ListData>(&untagged.data)) take(*list);
    if (const auto* status = std::get_if<imap::StatusData>(&untagged.data)) {
      if (!too_many()) statuses_.insert_or_assign(status->name.wire(), status_of(*status));
    }
  }

  /// For the mailbox whose status has come already, or will come.
  void take_id(imap::Untagged& untagged) {
    const auto* status = std::get_if<imap::StatusData>(&untagged.data);
    if (status != nullptr && ids_.size() <= kMostMailboxes) ids_[status->name.wire()] = status->mailbox_id;
  }

  void subscriptions_unknown() { subscriptions_stated_ = false; }
  bool too_many() const { return std::max({mailboxes_.size(), statuses_.size(), subscribed_.size()}) > kMostMailboxes; }
  const sync::MailboxStatus* status(const MailboxName& name) const {
    const auto found = statuses_.find(name.wire());
    return found == statuses_.end() ? nullptr : &found->second;
  }
  /// Once: the mailboxes with what is known of them.
  std::vector<ListedMailbox> finish() {
    for (auto& mailbox : mailboxes_) {
      if (subscribed_.contains(mailbox.name.wire())) mailbox.subscribed = true;
      mailbox.subscription_stated = subscriptions_stated_;
      if (const auto* status = this->status(mailbox.name); status != nullptr && mailbox.selectable) {
        mailbox.status = *status;
        if (const auto id = ids_.find(mailbox.name.wire()); id != ids_.end()) mailbox.status->mailbox_id = id->second;
      }
    }
    return std::move(mailboxes_);
  }

 private:
  void take(imap::ListData& list) {
    if (too_many()) return;
    if (list.lsub) {
      subscribed_.insert(list.name.wire());
      return;
    }
    const auto [found, is_new] = places_.emplace(list.name.wire(), mailboxes_.size());
    if (is_new) mailboxes_.emplace_back();
    ListedMailbox& mailbox = mailboxes_[found->second];
    mailbox.subscribed = mailbox.subscribed || list.has_attribute("\\Subscribed");
    mailbox.selectable = !list.has_attribute("\\Noselect") && !list.has_attribute("\\NonExistent");
    mailbox.attributes = std::move(list.attributes);
    mailbox.name = std::move(list.name);
  }

  std::vector<ListedMailbox> mailboxes_;
  std::unordered_map<std::string, std::size_t> places_;  // by wire name
  std::unordered_map<std::string, sync::MailboxStatus> statuses_;
  std::unordered_map<std::string, std::string> ids_;  // MAILBOXIDs that were asked for apart
  std::unordered_set<std::string> subscribed_;
  bool subscriptions_stated_ = true;
};

/// Cyrus 3.6.1 answers STATUS (… MAILBOXID) with octets of freed memory when another item is asked for too; now and
/// then they look like an objectid. Alone it is right.
bool mailbox_ids_apart(const client::ImapClient& client) {
  // A capability of its own tells a Cyrus; its ID is answered too late.
  return client.has("OBJECTID") && client.has("X-CREATEDMODSEQ");
}

imap::StatusItems status_items(const client::ImapClient& client) {
  imap::StatusItems items;
  items.highestmodseq = client.condstore();
  items.mailbox_id = client.has("OBJECTID") && !mailbox_ids_apart(client);
  return items;
}

/// LIST and LSUB for servers without LIST-EXTENDED.
class PlainListing final : public client::Conversation {
 public:
  explicit PlainListing(Listing& listing) : listing_(listing) {}

  std::optional<imap::Command> next() override {
    switch (step_++) {
      case 0:
        return imap::List{};
      case 1:
        return imap::Lsub{};
      default:
        return std::nullopt;
    }
  }
  bool fits_behind_enable() const override { return true; }
  void sent(imap::CommandId id) override {
    if (step_ == 1) list_ = id;
  }
  void untagged(imap::Untagged& data) override { listing_.take(data); }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error && tagged.command == list_) return fail(std::move(*tagged.error));
    if (tagged.error) listing_.subscriptions_unknown();  // nobody has unsubscribed from anything
    return {};
  }

 private:
  Listing& listing_;
  imap::CommandId list_;
  int step_ = 0;
};

/// STATUS for each of `mailboxes` that has none, pipelined.
class StatusBurst final : public client::Conversation {
 public:
  StatusBurst(imap::StatusItems items, std::vector<ListedMailbox>& mailboxes) : items_(items) {
    for (auto& mailbox : mailboxes) {
      if (mailbox.selectable && !mailbox.status) missing_.push_back(&mailbox);
    }
  }
  bool empty() const { return missing_.empty(); }

  std::optional<imap::Command> next() override {
    if (next_ == missing_.size()) return std::nullopt;
    return imap::StatusCommand{missing_[next_++]->name, items_};
  }
  void sent(imap::CommandId id) override { asked_.emplace(id.value(), missing_[next_ - 1]); }
  Result<void> refused(Error error) override {
    missing_[next_ - 1]->status_error = std::move(error).scope(Scope::mailbox);
    return {};
  }
  void untagged(imap::Untagged& untagged) override {
    const auto* data = std::get_if<imap::StatusData>(&untagged.data);
    const auto asked = asked_.find(untagged.command.value());
    if (data == nullptr) return;
    // The name tells which mailbox it is; a server that spells it in another way still answers in order.
    if (asked != asked_.end() && asked->second->name == data->name) {
      asked->second->status = status_of(*data);
      return;
    }
    for (auto& [id, mailbox] : asked_) {
      if (mailbox->name == data->name) mailbox->status = status_of(*data);
    }
  }
  Result<void> completed(imap::Tagged& tagged) override {
    const auto asked = asked_.extract(tagged.command.value());
    if (asked.empty() || asked.mapped()->status) return {};
    if (tagged.error && tagged.error->scope() == Scope::account && tagged.status == imap::Status::no &&
        tagged.error->kind() != ErrorKind::server_bug) {
      return fail(std::move(*tagged.error));  // throttled, or logged out: it is not this mailbox
    }
    asked.mapped()->status_error =
        tagged.error ? std::move(*tagged.error).scope(Scope::mailbox)
                     : Error(ErrorKind::server_bug, "the server gave no status").scope(Scope::mailbox);
    return {};
  }

 private:
  imap::StatusItems items_;
  std::vector<ListedMailbox*> missing_;
  std::size_t next_ = 0;
  std::unordered_map<std::uint64_t, ListedMailbox*> asked_;
};

/// LIST with what it can return, and a second one, pipelined, for MAILBOXIDs that have to be asked for apart.
class ExtendedListing final : public client::Conversation {
 public:
  ExtendedListing(const client::ImapClient& client, bool statuses, Listing& listing) : listing_(listing) {
    imap::List all;
    all.subscribed = true;
    all.special_use = client.has("SPECIAL-USE");
    if (statuses && client.has("LIST-STATUS")) {
      all.status = status_items(client);
      if (mailbox_ids_apart(client)) {
        ids_ = imap::List{};
        ids_->status = imap::StatusItems{.messages = false, .uidnext = false, .uidvalidity = false, .mailbox_id = true};
      }
    }
    all_ = std::move(all);
  }

  std::optional<imap::Command> next() override {
    if (all_) return *std::exchange(all_, std::nullopt);
    if (ids_) return *std::exchange(ids_, std::nullopt);
    return std::nullopt;
  }
  bool fits_behind_enable() const override { return true; }
  void sent(imap::CommandId id) override { (all_sent_ ? ids_sent_ : all_sent_) = id; }
  void untagged(imap::Untagged& untagged) override {
    if (ids_sent_ && untagged.command == *ids_sent_) return listing_.take_id(untagged);
    listing_.take(untagged);
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error && tagged.command == all_sent_) return fail(std::move(*tagged.error));
    return {};  // without the ids renamed mailboxes are not recognised, no more
  }

 private:
  Listing& listing_;
  std::optional<imap::List> all_, ids_;
  std::optional<imap::CommandId> all_sent_, ids_sent_;
};

}  // namespace

bool lists_with_status(const client::ImapClient& client) {
  return client.has("LIST-EXTENDED") && client.has("LIST-STATUS");
}

Task<Result<std::vector<ListedMailbox>>> list_mailboxes(client::ImapClient& client, bool statuses, Wait wait) {
  Listing listing;
  Result<void> listed = fail(ErrorKind::server_bug, "not asked");
  if (client.has("LIST-EXTENDED")) {
    ExtendedListing extended(client, statuses, listing);
    listed = co_await client.run(extended, wait);
  }
  if (!listed && client.usable() && listed.error().kind() == ErrorKind::server_bug) {
    // No LIST-EXTENDED, or a server that answers BAD to it: its answer is worth nothing.
    listing = Listing();
    PlainListing plain(listing);
    listed = co_await client.run(plain, wait);
  }
  if (!listed) co_return fail(std::move(listed.error()).at("LIST"));
  if (listing.too_many()) {
    co_return fail(
        Error(ErrorKind::protocol, "the server lists more than " + std::to_string(kMostMailboxes) + " mailboxes")
            .remedy("no mailbox was changed; check the account on the server"));
  }
  std::vector<ListedMailbox> mailboxes = listing.finish();
  if (statuses) {
    StatusBurst burst(status_items(client), mailboxes);
    if (!burst.empty()) {
      auto asked = co_await client.run(burst, wait);
      if (!asked) co_return fail(std::move(asked.error()).at("STATUS"));
    }
  }
  co_return std::move(mailboxes);
}

}  // namespace postern::daemon
