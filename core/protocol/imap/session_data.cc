// Session: untagged data, whose it is and what it changes.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/protocol/imap/session_impl.h"

namespace postern::imap {
namespace {

std::uint64_t count_of(const std::vector<UidRange>& ranges) {
  std::uint64_t total = 0;
  for (const UidRange& range : ranges) total += range.size();
  return total;
}

/// Commands that a MESSAGELIMIT can cut short; with QRESYNC a SELECT is one.
bool names_messages(const Command& command) {
  return std::visit(
      [](const auto& each) {
        using Kind = std::remove_cvref_t<decltype(each)>;
        return std::is_same_v<Kind, UidFetch> || std::is_same_v<Kind, UidSearch> || std::is_same_v<Kind, UidStore> ||
               std::is_same_v<Kind, UidCopy> || std::is_same_v<Kind, UidMove> || std::is_same_v<Kind, Expunge> ||
               std::is_same_v<Kind, UidExpunge> || std::is_same_v<Kind, Append> || std::is_same_v<Kind, Select>;
      },
      command);
}

}  // namespace

bool Session::Impl::uid_only() const { return std::find(enabled.begin(), enabled.end(), "UIDONLY") != enabled.end(); }

const Session::Impl::Pending* Session::Impl::selecting() const {
  return !flying.empty() && std::holds_alternative<Select>(flying.front().command) ? &flying.front() : nullptr;
}

SelectedMailbox* Session::Impl::current_mailbox() {
  if (selecting() != nullptr) return opening ? &*opening : &opening.emplace();
  return selected ? &*selected : nullptr;
}

void Session::Impl::count_unsolicited() {
  const std::uint64_t messages = selected ? selected->exists : 0;
  quirks.add(Quirk::unsolicited_data);
  const Limits& limits = options.after_authentication;
  if (++unsolicited > limits.unsolicited + 2 * messages) {
    die(ErrorKind::protocol, "the server sends data without end that nobody asked for");
  }
}

void Session::Impl::deliver(CommandId command, Response data) {
  if (command == kNoCommand) count_unsolicited();
  // What comes before authentication cannot be meant for us; it is dropped.
  const bool early = state == State::not_authenticated;
  const bool harmless = std::holds_alternative<StatusResponse>(data) || std::holds_alternative<CapabilityData>(data) ||
                        std::holds_alternative<IdData>(data);
  if (!dead && (!early || harmless)) push(Untagged{command, std::move(data)});
}

void Session::Impl::learn(Capabilities learnt) {
  for (const std::string& name : withdrawn) learnt.remove(name);
  capabilities = std::move(learnt);
  capabilities_renewed = true;
}

void Session::Impl::on_data(Response response) {
  const auto id_of = [](const Pending* pending) { return pending == nullptr ? kNoCommand : pending->id; };
  if (auto* fetch = std::get_if<FetchData>(&response)) return on_fetch(std::move(*fetch));
  if (auto* search = std::get_if<SearchData>(&response)) return on_search(std::move(*search));
  if (const auto* exists = std::get_if<ExistsData>(&response)) return on_exists(exists->messages);
  if (const auto* expunge = std::get_if<ExpungeData>(&response)) return on_expunge(expunge->seq);
  if (auto* vanished = std::get_if<VanishedData>(&response)) return on_vanished(std::move(*vanished));
  if (auto* names = std::get_if<EnabledData>(&response)) return on_enabled(std::move(*names));
  if (std::holds_alternative<UnknownData>(response)) return count_unsolicited();
  CommandId owner = kNoCommand;
  if (const auto* offered = std::get_if<CapabilityData>(&response)) {
    learn(offered->capabilities);
    owner = id_of(oldest<Capability>());
    if (owner == kNoCommand) owner = id_of(oldest<Login>());
    if (owner == kNoCommand) owner = id_of(oldest<Authenticate>());
  } else if (const auto* list = std::get_if<ListData>(&response)) {
    owner = list->lsub ? id_of(oldest<Lsub>()) : id_of(oldest<List>());
  } else if (const auto* status = std::get_if<StatusData>(&response)) {
    for (const Pending& each : flying) {
      const auto* asked = std::get_if<StatusCommand>(&each.command);
      const auto* listed = std::get_if<List>(&each.command);
      if ((asked == nullptr || asked->mailbox != status->name) && (listed == nullptr || !listed->status)) continue;
      owner = each.id;
      break;
    }
  } else if (std::holds_alternative<NamespaceData>(response)) {
    owner = id_of(oldest<NamespaceCommand>());
  } else if (std::holds_alternative<QuotaRootData>(response) || std::holds_alternative<QuotaData>(response)) {
    owner = id_of(oldest<GetQuotaRoot>());
  } else if (std::holds_alternative<IdData>(response)) {
    owner = id_of(oldest<Id>());
  } else if (const auto* flags = std::get_if<FlagsData>(&response)) {
    if (SelectedMailbox* mailbox = current_mailbox()) mailbox->flags = flags->flags;
    owner = id_of(selecting());
  } else if (const auto* recent = std::get_if<RecentData>(&response)) {
    if (SelectedMailbox* mailbox = current_mailbox()) mailbox->recent = recent->messages;
    owner = id_of(selecting());
    if (owner == kNoCommand) owner = id_of(oldest<Idle>());
  }
  deliver(owner, std::move(response));
}

void Session::Impl::on_exists(std::uint32_t messages) {
  SelectedMailbox* mailbox = current_mailbox();
  if (mailbox != nullptr) {
    mailbox->exists = messages;
    mailbox->exists_stated = true;
  }
  const Pending* owner = selecting() != nullptr ? selecting() : oldest<Idle>();
  deliver(owner == nullptr ? kNoCommand : owner->id, ExistsData{messages});
}

void Session::Impl::on_expunge(std::uint32_t seq) {
  SelectedMailbox* mailbox = current_mailbox();
  if (mailbox == nullptr) return die(ErrorKind::protocol, "EXPUNGE without a selected mailbox");
  if (uid_only()) quirks.add(Quirk::uidonly_mixed);
  if (seq > mailbox->exists && selecting() != nullptr) return count_unsolicited();  // of the one that is being closed
  if (seq > mailbox->exists) return die(ErrorKind::protocol, "EXPUNGE of a message that does not exist");
  --mailbox->exists;
  // Bounded by EXISTS: not counted as unsolicited.
  const Pending* idle = oldest<Idle>();
  push(Untagged{idle == nullptr ? kNoCommand : idle->id, ExpungeData{seq}});
}

void Session::Impl::on_vanished(VanishedData data) {
  SelectedMailbox* mailbox = current_mailbox();
  if (mailbox == nullptr) return die(ErrorKind::protocol, "VANISHED without a selected mailbox");
  // QRESYNC brings it in both forms, UIDONLY (RFC 9586) in that for what happens now.
  const auto asked = [&](std::string_view name) {
    return std::find(asked_to_enable.begin(), asked_to_enable.end(), name) != asked_to_enable.end();
  };
  if (!asked("QRESYNC") && (data.earlier || !asked("UIDONLY"))) return count_unsolicited();
  const Pending* owner = nullptr;
  if (data.earlier) {
    for (const Pending& each : flying) {
      const auto* select = std::get_if<Select>(&each.command);
      const auto* fetch = std::get_if<UidFetch>(&each.command);
      if (select != nullptr ? !select->qresync.has_value() : fetch == nullptr || !fetch->vanished) continue;
      owner = &each;
      break;
    }
    if (owner == nullptr) return count_unsolicited();
  } else {
    const std::uint64_t gone = data.uids.size();
    mailbox->exists -= static_cast<std::uint32_t>(std::min<std::uint64_t>(gone, mailbox->exists));
    owner = oldest<Idle>();
  }
  deliver(owner == nullptr ? kNoCommand : owner->id, std::move(data));
}

void Session::Impl::on_search(SearchData data) {
  const Pending* owner = nullptr;
  for (const Pending& each : flying) {
    const auto* search = std::get_if<UidSearch>(&each.command);
    if (search == nullptr || (data.extended && !data.tag.empty() && data.tag != each.tag)) continue;
    owner = &each;
    break;
  }
  if (owner != nullptr && data.extended && !data.uid) {
    return die(ErrorKind::protocol, "ESEARCH without UID in answer to UID SEARCH: its numbers are no UIDs");
  }
  deliver(owner == nullptr ? kNoCommand : owner->id, std::move(data));
}

void Session::Impl::on_enabled(EnabledData data) {
  const Pending* owner = oldest<Enable>();
  std::erase_if(data.names, [&](const std::string& name) {
    return std::find(asked_to_enable.begin(), asked_to_enable.end(), name) == asked_to_enable.end();
  });
  if (owner == nullptr) return count_unsolicited();
  for (const std::string& name : data.names) {
    if (std::find(enabled.begin(), enabled.end(), name) == enabled.end()) enabled.push_back(name);
  }
  parser.set_utf8(utf8());
  deliver(owner->id, std::move(data));
}

CommandId Session::Impl::owner_of_fetch(std::optional<Uid> uid, bool with_body) const {
  const Pending* select = selecting();
  if (select != nullptr) {
    return !with_body && std::get<Select>(select->command).qresync ? select->id : kNoCommand;
  }
  for (const Pending& each : flying) {
    if (std::holds_alternative<Select>(each.command)) break;  // what follows is about another mailbox
    if (const auto* fetch = std::get_if<UidFetch>(&each.command)) {
      if ((!with_body || fetch->items.any_body()) && (!uid || fetch->asks_for(*uid))) return each.id;
    } else if (const auto* store = std::get_if<UidStore>(&each.command)) {
      if (!with_body && uid && store->uids.contains(*uid)) return each.id;
    } else if (std::holds_alternative<Idle>(each.command) && !with_body) {
      return each.id;
    }
  }
  return kNoCommand;
}

void Session::Impl::on_fetch(FetchData data) {
  SelectedMailbox* mailbox = current_mailbox();
  if (mailbox == nullptr) return die(ErrorKind::protocol, "FETCH without a selected mailbox");
  if ((data.seq == 0) != uid_only()) quirks.add(Quirk::uidonly_mixed);
  const bool with_body = !data.sections.empty();
  const CommandId owner = owner_of_fetch(data.uid, with_body);
  if (owner == kNoCommand) count_unsolicited();
  if (dead) return;
  auto inline_bodies = parser.take_inline_bodies();
  if (with_body && owner == kNoCommand) {
    quirks.add(Quirk::unsolicited_body);
  } else {
    for (auto& [index, octets] : inline_bodies) {
      const auto& [section, kept] = kept_bodies.emplace_back(data.sections[index].section, std::move(octets));
      push(LiteralChunk{owner, data.seq, data.uid, section, kept.size(), 0, kept, true});
    }
  }
  push(Fetched{owner, std::move(data)});
}

void Session::Impl::on_status(StatusResponse status) {
  const Pending* select = selecting();
  if (!check_code(status.code, nullptr, status.status)) return;
  if (const auto* offered = std::get_if<Capabilities>(&status.code.value)) learn(*offered);
  if (status.code.is(CodeKind::closed))
    opening.reset();  // what came before was of the other mailbox (RFC 7162 §3.2.11)
  SelectedMailbox* mailbox = current_mailbox();
  if (mailbox != nullptr) learn_code(status.code, *mailbox);
  const Pending* owner = select != nullptr && status.code ? select : oldest<Idle>();
  deliver(owner == nullptr ? kNoCommand : owner->id, std::move(status));
}

void Session::Impl::learn_code(const ResponseCode& code, SelectedMailbox& mailbox) const {
  switch (code.kind) {
    case CodeKind::uid_validity:
      mailbox.uidvalidity = UidValidity(static_cast<std::uint32_t>(code.number()));
      break;
    case CodeKind::uid_next:
      mailbox.uidnext = static_cast<std::uint32_t>(code.number());
      break;
    case CodeKind::highest_modseq:
      mailbox.highestmodseq = ModSeq(code.number());
      break;
    case CodeKind::no_modseq:
      mailbox.no_modseq = true;
      mailbox.highestmodseq = ModSeq();
      break;
    case CodeKind::uid_not_sticky:
      mailbox.uid_not_sticky = true;
      break;
    case CodeKind::mailbox_id:
      mailbox.mailbox_id = code.text();
      break;
    case CodeKind::read_only:
      mailbox.read_only = true;
      break;
    case CodeKind::read_write:
      mailbox.read_only = false;
      break;
    case CodeKind::permanent_flags:
      if (const auto* flags = std::get_if<PermanentFlags>(&code.value)) mailbox.permanent_flags = *flags;
      break;
    default:
      break;
  }
}

/// APPENDUID and COPYUID are believed only from the command that may carry them, and only when they fit it.
bool Session::Impl::check_uid_code(const ResponseCode& code, const Pending* pending, Status status) {
  if (pending == nullptr && code.is(CodeKind::copy_uid)) pending = oldest<UidMove>();  // RFC 6851 §4.3
  const Command* command = pending == nullptr ? nullptr : &pending->command;
  bool fits = false;
  if (command != nullptr && status == Status::ok) {
    if (const AppendUid* appended = code.append_uid()) {
      const auto* append = std::get_if<Append>(command);
      fits = append != nullptr && appended->count() == append->messages.size();
    } else if (const CopyUid* copied = code.copy_uid()) {
      const auto* copy = std::get_if<UidCopy>(command);
      const auto* move = std::get_if<UidMove>(command);
      fits = (copy != nullptr && count_of(copied->source) <= copy->uids.size()) ||
             (move != nullptr && count_of(copied->source) <= move->uids.size());
    }
  }
  if (!fits) die(ErrorKind::protocol, "[" + std::string(to_string(code.kind)) + "] on a reply that cannot carry it");
  return fits;
}

bool Session::Impl::check_code(ResponseCode& code, const Pending* pending, Status status) {
  const bool untagged = pending == nullptr;
  const bool ok = status == Status::ok;
  bool allowed = true;
  switch (code.kind) {
    case CodeKind::append_uid:
    case CodeKind::copy_uid:
      return check_uid_code(code, pending, status);
    case CodeKind::capability:
      allowed = ok && (untagged || std::holds_alternative<Login>(pending->command) ||
                       std::holds_alternative<Authenticate>(pending->command));
      break;
    case CodeKind::uid_validity:
    case CodeKind::uid_next:
    case CodeKind::permanent_flags:
    case CodeKind::uid_not_sticky:
    case CodeKind::closed:
      allowed = untagged && selecting() != nullptr;
      break;
    case CodeKind::mailbox_id:
      allowed = ok && (untagged ? selecting() != nullptr : std::holds_alternative<Create>(pending->command));
      break;
    case CodeKind::highest_modseq:
    case CodeKind::no_modseq:
      allowed = ok && current_mailbox() != nullptr;
      break;
    case CodeKind::message_limit:  // whatever may name many messages; an untagged one tells nothing of any command
      allowed = !untagged && names_messages(pending->command);
      break;
    case CodeKind::modified:
      allowed = !untagged && std::holds_alternative<UidStore>(pending->command);
      break;
    case CodeKind::read_only:
    case CodeKind::read_write:
      allowed = ok && (untagged ? current_mailbox() != nullptr : std::holds_alternative<Select>(pending->command));
      break;
    default:
      break;
  }
  if (!allowed) {
    quirks.add(Quirk::code_out_of_place);
    code = ResponseCode{};
  }
  return true;
}

}  // namespace postern::imap
