#include <algorithm>
#include <charconv>

#include "core/io/task_group.h"
#include "tests/support/fake_imap/session.h"

namespace postern::testing {
namespace {

std::uint64_t number(const std::string& text) { return std::stoull(text); }

}  // namespace

FakeMailbox* FakeSession::selected() { return server_.account_.find(selected_); }

void FakeSession::on_unselect(const FakeCommand& command) {
  if (command.name == "UNSELECT" && !offers("UNSELECT")) return bad(command, "no UNSELECT");
  FakeMailbox* mailbox = selected();
  if (command.name == "CLOSE" && !read_only_ && mailbox != nullptr) {
    std::set<std::uint32_t> doomed;
    for (const FakeMessage& m : mailbox->messages) {
      if (m.flags.contains("\\Deleted")) doomed.insert(m.uid);
    }
    mailbox->expunge(doomed);
    server_.notify();
  }
  state_ = State::authenticated;
  ok(command);
}

void FakeSession::on_select(const FakeCommand& command, bool read_only) {
  if (state_ == State::selected && qresync_) untagged("OK [CLOSED] Previous mailbox closed");
  state_ = State::authenticated;
  FakeMailbox* mailbox = server_.account_.find(command.args.at(0).text);
  if (mailbox == nullptr || !mailbox->selectable) return tagged(command, "NO [NONEXISTENT] No such mailbox");
  const std::vector<ImapValue> parameters = command.args.size() > 1 ? command.args[1].items : std::vector<ImapValue>{};
  const bool wants_condstore = !parameters.empty() && ascii_iequals(parameters[0].text, "CONDSTORE");
  const bool wants_resync = !parameters.empty() && ascii_iequals(parameters[0].text, "QRESYNC");
  if (wants_condstore && !offers("CONDSTORE")) return bad(command, "no CONDSTORE");
  if (wants_resync && !qresync_) return bad(command, "QRESYNC not enabled");
  condstore_ = condstore_ || wants_condstore;

  FakeFlags flags{"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"};
  for (const FakeMessage& m : mailbox->messages) flags.insert(m.flags.begin(), m.flags.end());
  untagged("FLAGS " + flag_list(flags));
  if (mailbox->any_keyword) flags.insert("\\*");
  untagged("OK [PERMANENTFLAGS " + (read_only ? "()" : flag_list(flags)) + "] Flags permitted");
  // With a MESSAGELIMIT and without UIDONLY the newest messages alone are in view, as at Yahoo.
  const std::size_t shown =
      std::min(mailbox->messages.size(), uid_only_ ? SIZE_MAX : message_limit().value_or(SIZE_MAX));
  untagged(std::to_string(static_cast<int>(shown) + server_.lies_.exists) + " EXISTS");
  untagged("0 RECENT");
  untagged("OK [UIDVALIDITY " + std::to_string(mailbox->uidvalidity) + "] UIDs valid");
  untagged("OK [UIDNEXT " + std::to_string(mailbox->uidnext + server_.lies_.uidnext) + "] Predicted next UID");
  if (offers("OBJECTID")) untagged("OK [MAILBOXID (" + mailbox->mailbox_id + ")] Ok");
  if (offers("CONDSTORE")) untagged("OK [HIGHESTMODSEQ " + std::to_string(mailbox->highestmodseq) + "] Highest");
  selected_ = command.args[0].text;
  read_only_ = read_only || mailbox->read_only;
  view_.clear();
  for (std::size_t i = mailbox->messages.size() - shown; i < mailbox->messages.size(); ++i) {
    view_.push_back(mailbox->messages[i].uid);
  }
  told_modseq_ = mailbox->highestmodseq;
  if (wants_resync) resync(*mailbox, parameters.at(1).items);
  state_ = State::selected;
  ok(command, read_only_ ? "READ-ONLY" : "READ-WRITE");
}

/// RFC 7162 §3.2.5: what has happened since the modification sequence that the client knows.
void FakeSession::resync(FakeMailbox& mailbox, const std::vector<ImapValue>& parameters) {
  if (number(parameters.at(0).text) != mailbox.uidvalidity) return;
  const std::uint64_t since = number(parameters.at(1).text);
  const std::string known = parameters.size() > 2 && !parameters[2].list ? parameters[2].text : "1:4294967295";
  std::vector<std::uint32_t> vanished;
  for (const auto& [uid, modseq] : mailbox.tombstones) {
    if (modseq > since && in_imap_set(known, uid, mailbox.uidnext - 1)) vanished.push_back(uid);
  }
  if (!vanished.empty()) untagged("VANISHED (EARLIER) " + imap_set(vanished));
  for (std::size_t i = 0; i < view_.size(); ++i) {
    const FakeMessage& m = *mailbox.find(view_[i]);
    if (m.modseq <= since || !in_imap_set(known, m.uid, mailbox.uidnext - 1)) continue;
    untagged(fetch_head(i, m.uid) + "UID " + std::to_string(m.uid) + " FLAGS " + flag_list(m.flags) + " MODSEQ (" +
             std::to_string(m.modseq) + "))");
  }
}

std::vector<std::size_t> FakeSession::positions(std::string_view set, bool by_uid) const {
  std::vector<std::size_t> result;
  const auto count = static_cast<std::uint32_t>(view_.size());
  const std::uint32_t star = by_uid ? (view_.empty() ? 0 : view_.back()) : count;
  for (std::size_t i = 0; i < view_.size(); ++i) {
    if (in_imap_set(set, by_uid ? view_[i] : static_cast<std::uint32_t>(i + 1), star)) result.push_back(i);
  }
  return result;
}

/// Tells what has happened to the selected mailbox meanwhile: RFC 3501 §7.4.1 allows expunges at some moments only.
void FakeSession::tell_changes(bool expunges) {
  FakeMailbox* mailbox = state_ == State::selected ? selected() : nullptr;
  if (mailbox == nullptr) return;
  std::vector<std::uint32_t> vanished;
  for (std::size_t i = view_.size(); expunges && i-- > 0;) {
    if (mailbox->find(view_[i]) != nullptr) continue;
    vanished.insert(vanished.begin(), view_[i]);
    if (!qresync_ && !uid_only_) untagged(std::to_string(i + 1) + " EXPUNGE");
    view_.erase(view_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if ((qresync_ || uid_only_) && !vanished.empty()) untagged("VANISHED " + imap_set(vanished));
  const std::size_t before = view_.size();
  for (const FakeMessage& m : mailbox->messages) {
    if (view_.empty() || m.uid > view_.back()) view_.push_back(m.uid);
  }
  if (view_.size() != before) untagged(std::to_string(view_.size()) + " EXISTS");
  for (std::size_t i = 0; i < before; ++i) {
    const FakeMessage* m = mailbox->find(view_[i]);
    if (m == nullptr || m->modseq <= told_modseq_) continue;
    untagged(fetch_head(i, m->uid) + (qresync_ ? "UID " + std::to_string(m->uid) + " " : "") + "FLAGS " +
             flag_list(m->flags) + (condstore_ ? " MODSEQ (" + std::to_string(m->modseq) + ")" : "") + ")");
  }
  told_modseq_ = mailbox->highestmodseq;
}

namespace {

Task<void> until_stopped(Event& changed, Wait wait, std::function<Task<bool>()> tell) {
  for (;;) {
    const Result<void> came = co_await changed.wait(wait, "idling");
    if (!came) co_return;
    changed.reset();
    const bool told = co_await tell();
    if (!told) co_return;
  }
}

}  // namespace

Task<void> FakeSession::on_idle(FakeCommand command) {
  {
    const std::lock_guard lock(server_.mutex_);
    if (!offers("IDLE")) co_return bad(command, "no IDLE");
    out_ += "+ idling\r\n";
    tell_changes(true);
    // Called by whoever changes the account, on any thread; the session may be gone by the time it runs.
    server_.idlers_[id_] = [&scheduler = scheduler_, weak = std::weak_ptr<Event>(changed_)] {
      scheduler.run_soon_from_any_thread([weak] {
        if (const auto event = weak.lock()) event->set();
      });
    };
  }
  StopSource stop;
  TaskGroup teller(scheduler_);
  teller.spawn(until_stopped(*changed_, Wait{.stop = stop.token()}, [this]() { return tell_and_flush(); }));
  const bool begun = co_await flush();
  const std::optional<std::string> done = begun ? co_await read_line() : std::nullopt;
  {
    const std::lock_guard lock(server_.mutex_);
    server_.idlers_.erase(id_);
  }
  stop.request_stop();
  co_await teller.join();
  if (!done) co_return;
  const std::lock_guard lock(server_.mutex_);
  ascii_iequals(*done, "DONE") ? ok(command) : bad(command, "expected DONE");
}

Task<bool> FakeSession::tell_and_flush() {
  {
    const std::lock_guard lock(server_.mutex_);
    tell_changes(true);
  }
  co_return co_await flush();
}

}  // namespace postern::testing
