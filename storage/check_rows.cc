#include "core/base/escape.h"
#include "storage/check_context.h"
#include "storage/keys.h"
#include "storage/status.h"

namespace postern::storage {
namespace {

Error damaged_key(std::string_view what) { return {ErrorKind::store, std::string(what) + " under a damaged key"}; }

class RowCheck {
 public:
  explicit RowCheck(CheckContext& context) : context_(context) {}

  void run() {
    check_history();
    check_mailboxes();
    check_entries();
    check_snapshots();
    check_targets();
    check_identities();
    check_deletions();
    check_others();
    check_totals();
  }

 private:
  std::string where(AccountId account, const Place& place) const {
    const auto mailbox = mailboxes_.find({account, place.mailbox});
    const std::string name = mailbox == mailboxes_.end() ? "mailbox " + std::to_string(place.mailbox.value())
                                                         : mailbox->second.name.display();
    return context_.name(account) + ": " + name + ": UIDVALIDITY " + std::to_string(place.uidvalidity.value()) +
           " UID " + std::to_string(place.uid.value());
  }

  void check_history() {
    context_.scan(Family::history, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_history_key(key);
      if (!parsed) return fail(damaged_key("a history row"));
      HistorySeq& end = ends_[parsed->account];
      if (parsed->seq.value() != end.value() + 1) {
        context_.problem("history_gap", "",
                         context_.name(parsed->account) + ": after " + std::to_string(end.value()) + " comes " +
                             std::to_string(parsed->seq.value()));
      }
      end = parsed->seq;
      auto row = decode_history(value);
      if (!row) return fail(std::move(row).error());
      if (!row->record.digest) return {};
      const auto object = context_.find_object(*row->record.digest);
      if (!object) return fail(object.error());
      if (!object->there) {
        context_.problem("object_missing", row->record.digest->to_hex(),
                         context_.name(parsed->account) + ": history " + std::to_string(parsed->seq.value()));
      }
      return {};
    });
  }

  void check_mailboxes() {
    context_.scan(Family::mailbox, [&](ByteView key, ByteView value) -> Result<void> {
      const auto id = parse_mailbox_key(key);
      if (!id) return fail(damaged_key("a mailbox"));
      const AccountId account(get_be32(key));
      auto record = decode_mailbox(value);
      if (!record) return fail(std::move(record).error());
      if (record->cursor && record->cursor->uidvalidity != record->uidvalidity) {
        context_.problem("cursor", "",
                         context_.name(account) + ": " + record->name.display() + ": the cursor is of UIDVALIDITY " +
                             std::to_string(record->cursor->uidvalidity.value()) + ", the mailbox has " +
                             std::to_string(record->uidvalidity.value()));
      }
      mailboxes_[{account, *id}] = *std::move(record);
      return {};
    });
  }

  void check_entries() {
    context_.scan(Family::entry, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_entry_key(key);
      if (!parsed) return fail(damaged_key("an entry"));
      ++context_.report.entries;
      auto entry = decode_entry(value);
      if (!entry) return fail(std::move(entry).error());
      entry->place = parsed->place;
      if (!entry->vanished) {
        ++totals_[parsed->account].entries;
        totals_[parsed->account].octets += entry->size;
      }
      if (!mailboxes_.contains({parsed->account, parsed->place.mailbox})) {
        context_.problem("mailbox_missing", entry->digest.to_hex(), where(parsed->account, parsed->place));
      }
      if (auto object = check_object_of(parsed->account, *entry); !object) return object;
      return check_last_change(parsed->account, *entry);
    });
  }

  Result<void> check_object_of(AccountId account, const Entry& entry) {
    if (context_.is_damaged(entry.digest)) context_.touched(entry.digest, where(account, entry.place));
    const auto object = context_.find_object(entry.digest);
    if (!object) return fail(object.error());
    if (!object->there) {
      context_.problem("object_missing", entry.digest.to_hex(), where(account, entry.place));
      return {};
    }
    if (object->size && *object->size != entry.size) {
      context_.problem("entry_size", entry.digest.to_hex(),
                       where(account, entry.place) + ": says " + std::to_string(entry.size) +
                           " octets, the message has " + std::to_string(*object->size));
    }
    return {};
  }

  Result<void> check_last_change(AccountId account, const Entry& entry) {
    auto row = context_.get(Family::history, history_key(account, entry.changed));
    if (!row) return fail(std::move(row).error());
    const auto change = *row ? decode_history(**row) : Result<HistoryRow>(fail(ErrorKind::store, ""));
    if (!change || change->record.place != entry.place) {
      context_.problem("entry_history", entry.digest.to_hex(),
                       where(account, entry.place) + ": its last change, " + std::to_string(entry.changed.value()) +
                           ", is not in the history");
    }
    return {};
  }

  void check_snapshots() {
    context_.scan(Family::snapshot, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_snapshot_key(key);
      if (!parsed) return fail(damaged_key("a snapshot"));
      auto record = decode_snapshot(value);
      if (!record) return fail(std::move(record).error());
      if (record->seq > ends_[parsed->account]) {
        context_.problem("snapshot", "",
                         context_.name(parsed->account) + ": a snapshot of " + std::to_string(record->seq.value()) +
                             ", the history ends at " + std::to_string(ends_[parsed->account].value()));
      }
      return {};
    });
  }

  void check_targets() {
    context_.scan(Family::binding, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_binding_key(key);
      if (!parsed) return fail(damaged_key("a row of a target"));
      switch (parsed->kind) {
        case BindingKind::target:
          return check_target(*parsed, value);
        case BindingKind::mailbox:
          if (auto record = decode_target_mailbox(value); !record) return fail(std::move(record).error());
          return {};
        case BindingKind::binding:
          return check_binding(*parsed, value);
        case BindingKind::doubt:
          return check_doubt(*parsed, value);
      }
      return {};
    });
  }

  Result<void> check_target(const BindingKey& key, ByteView value) {
    auto row = decode_target(value);
    if (!row) return fail(std::move(row).error());
    if (row->cursor > ends_[key.account]) {
      context_.problem("cursor", "",
                       context_.name(key.account) + ": target " + row->name + " is at " +
                           std::to_string(row->cursor.value()) + ", the history ends at " +
                           std::to_string(ends_[key.account].value()));
    }
    return {};
  }

  Result<void> check_binding(const BindingKey& key, ByteView value) {
    if (auto binding = decode_binding(value); !binding) return fail(std::move(binding).error());
    auto entry = context_.get(Family::entry, entry_key(key.account, key.place));
    if (!entry) return fail(std::move(entry).error());
    if (!*entry) context_.problem("binding", "", where(key.account, key.place) + ": bound to a target, but no entry");
    return {};
  }

  Result<void> check_doubt(const BindingKey& key, ByteView value) {
    if (auto doubt = decode_doubt(value); !doubt) return fail(std::move(doubt).error());
    auto entry = context_.get(Family::entry, entry_key(key.account, key.place));
    if (!entry) return fail(std::move(entry).error());
    if (!*entry) context_.problem("doubt", "", where(key.account, key.place) + ": in doubt at a target, but no entry");
    return {};
  }

  void check_identities() {
    context_.scan(Family::identity, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_identity_key(key);
      if (!parsed) return fail(damaged_key("an EMAILID"));
      auto row = decode_identity(value);
      if (!row) return fail(std::move(row).error());
      const auto object = context_.find_object(row->digest);
      if (!object) return fail(object.error());
      const std::string of =
          context_.name(parsed->account) + ": EMAILID " + escape_for_people(parsed->email_id, 80) + ": ";
      if (!object->there) {
        context_.problem("identity", row->digest.to_hex(), of + "its message is not in the vault");
        return {};
      }
      if (object->size && *object->size != row->size) {
        context_.problem(
            "identity", row->digest.to_hex(),
            of + "says " + std::to_string(row->size) + " octets, the message has " + std::to_string(*object->size));
      }
      return {};
    });
  }

  /// That a row about a target names a target and a mailbox that are there.
  Result<void> check_owner(std::string kind, AccountId account, TargetId target, MailboxId mailbox) {
    const std::string of = context_.name(account) + ": target " + std::to_string(target.value()) + ", mailbox " +
                           std::to_string(mailbox.value()) + ": ";
    auto row = context_.get(Family::binding, target_key(account, target));
    if (!row) return fail(std::move(row).error());
    if (!*row) context_.problem(kind, "", of + "there is no such target");
    if (!mailboxes_.contains({account, mailbox})) context_.problem(kind, "", of + "there is no such mailbox");
    return {};
  }

  void check_deletions() {
    context_.scan(Family::guard, [&](ByteView key, ByteView value) -> Result<void> {
      GuardHold hold;
      if (!parse_guard_key(key, hold)) return fail(damaged_key("held deletions"));
      if (auto decoded = decode_guard_hold(value); !decoded) return fail(std::move(decoded).error());
      return check_owner("guard", AccountId(get_be32(key)), hold.target, hold.mailbox);
    });
    context_.scan(Family::store_intent, [&](ByteView key, ByteView value) -> Result<void> {
      if (!parse_intent_key(key)) return fail(damaged_key("a store intent"));
      auto intent = decode_store_intent(value);
      if (!intent) return fail(std::move(intent).error());
      return check_owner("store_intent", AccountId(get_be32(key)), TargetId(get_be32(key.substr(4))), intent->mailbox);
    });
    std::map<AccountId, std::uint64_t> ends;
    context_.scan(Family::audit, [&](ByteView key, ByteView value) -> Result<void> {
      const auto parsed = parse_audit_key(key);
      if (!parsed) return fail(damaged_key("an audit row"));
      std::uint64_t& end = ends[parsed->account];
      if (parsed->seq != end + 1) {
        context_.problem("audit_gap", "",
                         context_.name(parsed->account) + ": after " + std::to_string(end) + " comes " +
                             std::to_string(parsed->seq));
      }
      end = parsed->seq;
      if (auto row = decode_audit(value); !row) return fail(std::move(row).error());
      return {};
    });
  }

  void check_others() {
    context_.scan(Family::intent, [](ByteView key, ByteView value) -> Result<void> {
      if (!parse_intent_key(key)) return fail(damaged_key("an intent"));
      if (auto intent = decode_intent(value); !intent) return fail(std::move(intent).error());
      return {};
    });
    context_.scan(Family::quarantine, [](ByteView key, ByteView value) -> Result<void> {
      QuarantineRecord record;
      if (!parse_quarantine_key(key, record)) return fail(damaged_key("a quarantine record"));
      if (auto decoded = decode_quarantine(value); !decoded) return fail(std::move(decoded).error());
      return {};
    });
  }

  void check_totals() {
    context_.scan(Family::stats, [&](ByteView key, ByteView value) -> Result<void> {
      if (key.size() != 5) return fail(damaged_key("a statistics row"));
      const AccountId account(get_be32(key));
      if (static_cast<StatsKind>(key[4]) == StatsKind::pass) {
        if (auto summary = decode_pass_summary(value); !summary) return fail(std::move(summary).error());
        return {};
      }
      if (static_cast<StatsKind>(key[4]) == StatsKind::origin) {
        if (auto origin = decode_origin(value); !origin) return fail(std::move(origin).error());
        return {};
      }
      auto totals = decode_totals(value);
      if (!totals) return fail(std::move(totals).error());
      stated_[account] = *totals;
      return {};
    });
    for (const auto& [account, counted] : totals_) stated_.try_emplace(account);
    for (const auto& [account, stated] : stated_) {
      const AccountTotals counted = totals_[account];
      if (stated == counted) continue;
      context_.problem("totals", "",
                       context_.name(account) + ": says " + std::to_string(stated.entries) + " entries and " +
                           std::to_string(stated.octets) + " octets, there are " + std::to_string(counted.entries) +
                           " and " + std::to_string(counted.octets));
    }
  }

  CheckContext& context_;
  std::map<AccountId, HistorySeq> ends_;
  std::map<std::pair<AccountId, MailboxId>, MailboxRecord> mailboxes_;
  std::map<AccountId, AccountTotals> totals_, stated_;
};

}  // namespace

void check_rows(CheckContext& context) { RowCheck(context).run(); }

}  // namespace postern::storage
