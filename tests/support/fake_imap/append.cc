#include <algorithm>

#include "core/io/sleep.h"
#include "tests/support/fake_imap/session.h"
#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

int zone_of(std::string_view date_time) {
  const std::string zone(date_time.substr(date_time.size() - 4));
  const int minutes = std::stoi(zone.substr(0, 2)) * 60 + std::stoi(zone.substr(2));
  return date_time[date_time.size() - 5] == '-' ? -minutes : minutes;
}

}  // namespace

/// The messages of an APPEND or MULTIAPPEND: mailbox, then [flags] [date-time] literal, again and again.
std::vector<FakeMessage> FakeSession::mail_of(const FakeCommand& command) {
  std::vector<FakeMessage> mail;
  FakeMessage next{.unix_seconds = 1'000'000'000};
  for (std::size_t i = 1; i < command.args.size(); ++i) {
    const ImapValue& value = command.args[i];
    if (value.list) {
      for (const ImapValue& flag : value.items) next.flags.insert(flag.text);
    } else if (value.literal) {
      next.octets = std::make_shared<Bytes>(value.text);
      mail.push_back(std::exchange(next, FakeMessage{.unix_seconds = 1'000'000'000}));
    } else {
      next.unix_seconds = parse_imap_date_time(value.text);
      next.zone_minutes = zone_of(value.text);
    }
  }
  return mail;
}

Task<void> FakeSession::on_append(FakeCommand command) {
  using What = AppendFault::What;
  const std::optional<AppendFault> fault = command.append_fault;
  const auto is = [&](What what) { return fault && fault->what == what; };
  std::vector<FakeMessage> mail;
  try {
    mail = mail_of(command);
  } catch (const std::exception&) {  // a date that is none
    mail.clear();
  }
  if (is(What::cut_before_commit)) co_return hang_up();
  if (is(What::commit_late)) {
    hang_up();
    const Result<void> slept = co_await sleep(scheduler_, fault->delay, Wait{});
    if (!slept) co_return;
  }
  bool cut = is(What::cut_after_commit) || is(What::commit_late);
  {
    const std::lock_guard lock(server_.mutex_);
    FakeMailbox* mailbox = command.args.empty() ? nullptr : server_.account_.find(command.args[0].text);
    if (mail.empty() || (mail.size() > 1 && !offers("MULTIAPPEND"))) co_return bad(command, "not an APPEND");
    if (is(What::refuse_late)) co_return tagged(command, fault->text);
    if (mailbox == nullptr || !mailbox->selectable) co_return tagged(command, "NO [TRYCREATE] No such mailbox");
    std::uint64_t octets = server_.account_.octets_held();
    for (const FakeMessage& message : mail) octets += message.octets->size();
    const std::uint64_t quota = server_.account_.quota_octets;
    if (quota != 0 && octets > quota) co_return tagged(command, "NO [OVERQUOTA] Quota exceeded");
    std::uint32_t first = mailbox->uidnext;
    const bool stored = !is(What::ok_without_effect) && !server_.lies_.appends_are_lost;
    for (FakeMessage& message : mail) {
      if (!mailbox->any_keyword)
        std::erase_if(message.flags, [](const std::string& f) { return !f.starts_with('\\'); });
      for (const std::string& flag : server_.lies_.append_drops) message.flags.erase(flag);
      const Lies& lies = server_.lies_;
      message.octets = std::make_shared<Bytes>(lies.append_puts_before + *message.octets + lies.append_puts_behind);
      if (stored) mailbox->add(std::move(message));
    }
    server_.notify();
    if (!cut) {
      if (is(What::wrong_uid)) first += 1000;
      const std::uint32_t validity = mailbox->uidvalidity + (is(What::wrong_uidvalidity) ? 1 : 0);
      const std::size_t count = mail.size();
      std::string uids = std::to_string(first);
      if (count > 1) uids += ":" + std::to_string(first + count - 1);
      if (state_ == State::selected && server_.account_.find(selected_) == mailbox) tell_changes(false);
      const bool tell = offers("UIDPLUS") && !is(What::no_uid);
      ok(command, tell ? "APPENDUID " + std::to_string(validity) + " " + uids : "");
    }
  }
  if (cut) hang_up();
}

}  // namespace postern::testing
