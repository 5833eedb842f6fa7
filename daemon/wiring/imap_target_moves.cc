// What takes messages and mailboxes away from a target. Never a bare EXPUNGE: it would remove what others marked.
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "daemon/wiring/copied_uids.h"
#include "daemon/wiring/imap_target.h"

namespace postern::daemon {
namespace {

/// One command; NO and BAD are errors that name it and the mailbox.
Task<Result<imap::Tagged>> command(client::ImapClient& client, imap::Command what,
                                   std::function<void(imap::Untagged&)> untagged, const char* name, std::string mailbox,
                                   Wait wait) {
  auto tagged = co_await client.execute(std::move(what), std::move(untagged), std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error).at(name).at(mailbox));
  co_return tagged;
}

Task<Result<void>> expunge_part(client::ImapClient& client, UidSet uids, std::string mailbox, Wait wait) {
  const bool uidplus = client.has("UIDPLUS");
  imap::UidStore mark{uids, imap::UidStore::Mode::add, {"\\Deleted"}, std::nullopt};
  auto marked = co_await command(client, std::move(mark), {}, "STORE", mailbox, wait);
  if (!marked) co_return fail(std::move(marked.error()));
  if (!uidplus) co_return Result<void>();
  auto removed = co_await command(client, imap::UidExpunge{std::move(uids)}, {}, "EXPUNGE", mailbox, wait);
  if (!removed) co_return fail(std::move(removed.error()));
  co_return Result<void>();
}

}  // namespace

Task<Result<sync::MoveOutcome>> ImapTarget::move(UidSet uids, MailboxName to, Wait wait) {
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(ErrorKind::internal, "MOVE without an open mailbox");
  const std::string from = selected->name.display();
  const bool move = client_->has("MOVE");
  sync::MoveOutcome outcome;
  for (UidSet& part : uids.split(UINT32_MAX)) {
    std::optional<imap::CopyUid> stated;  // with MOVE untagged, before the EXPUNGEs (RFC 6851 §4.3)
    const auto take = [&stated](imap::Untagged& untagged) {
      const auto* status = std::get_if<imap::StatusResponse>(&untagged.data);
      if (status != nullptr && status->code.copy_uid() != nullptr) stated = *status->code.copy_uid();
    };
    imap::Command carry = imap::UidCopy{part, to};
    if (move) carry = imap::UidMove{part, to};
    auto carried = co_await command(*client_, std::move(carry), take, move ? "MOVE" : "COPY", to.display(), wait);
    if (!carried) co_return fail(std::move(carried.error()));
    if (carried->code.copy_uid() != nullptr) stated = *carried->code.copy_uid();
    if (stated && (outcome.moved.empty() || outcome.uidvalidity == stated->uidvalidity)) {
      const auto moved = believable_copies(*stated, part);
      if (!moved.empty()) outcome.uidvalidity = stated->uidvalidity;
      outcome.moved.insert(outcome.moved.end(), moved.begin(), moved.end());
    }
    if (move) continue;
    auto removed = co_await expunge_part(*client_, std::move(part), from, wait);
    if (!removed) co_return fail(std::move(removed.error()));
  }
  co_return std::move(outcome);
}

Task<Result<void>> ImapTarget::expunge(UidSet uids, Wait wait) {
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(ErrorKind::internal, "EXPUNGE without an open mailbox");
  const std::string name = selected->name.display();
  for (UidSet& part : uids.split(UINT32_MAX)) {
    auto removed = co_await expunge_part(*client_, std::move(part), name, wait);
    if (!removed) co_return removed;
  }
  co_return Result<void>();
}

Task<Result<void>> ImapTarget::remove(MailboxName name, Wait wait) {
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected != nullptr && selected->name == name) {  // some refuse to DELETE the open mailbox; CLOSE would expunge
    imap::Select aside;
    aside.mailbox = MailboxName::from_wire("INBOX", personal_.delimiter);
    aside.read_only = true;
    auto left = co_await command(*client_, std::move(aside), {}, "EXAMINE", "INBOX", wait);
    if (!left) co_return fail(std::move(left.error()));
  }
  auto removed = co_await command(*client_, imap::Delete{name}, {}, "DELETE", name.display(), wait);
  if (removed || removed.error().kind() == ErrorKind::not_found) co_return Result<void>();
  co_return fail(std::move(removed.error()));
}

}  // namespace postern::daemon
