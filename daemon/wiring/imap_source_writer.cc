#include "daemon/wiring/imap_source_writer.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/flag_store.h"
#include "daemon/wiring/identity_fetch.h"
#include "daemon/wiring/limited_reading.h"

namespace postern::daemon {

Task<Result<sync::OpenedForWriting>> ImapSourceWriter::open(MailboxName name, Wait wait) {
  imap::Select command;
  command.mailbox = name;
  command.read_only = false;
  auto tagged = co_await client_->execute(std::move(command), {}, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error));
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(ErrorKind::protocol, "SELECT did not open it");
  sync::OpenedForWriting opened{selected->uidvalidity, selected->read_only, selected->uid_not_sticky};
  if (selected->permanent_flags) {
    opened.any_keyword = selected->permanent_flags->any_keyword;
    opened.permanent_flags = selected->permanent_flags->flags;
  }
  opened.uidnext = selected->uidnext;
  if (client_->condstore() && !selected->no_modseq) opened.highestmodseq = selected->highestmodseq;
  co_return opened;
}

Task<Result<std::vector<sync::FlagReport>>> ImapSourceWriter::flags(UidSet uids, Wait wait) {
  return read_flags(*client_, std::move(uids), std::nullopt, std::move(wait));
}

Task<Result<sync::StoreOutcome>> ImapSourceWriter::store_flags(UidSet uids, FlagDelta delta,
                                                               std::optional<ModSeq> unchanged_since, Wait wait) {
  if (client_->selected() == nullptr) co_return fail(ErrorKind::internal, "STORE without an open mailbox");
  delta.add.erase("\\Deleted");
  co_return co_await daemon::store_flags(*client_, std::move(uids), std::move(delta), unchanged_since, std::move(wait));
}

Task<Result<std::vector<sync::ListedMessage>>> ImapSourceWriter::list(UidSet uids, Wait wait) {
  imap::FetchItems items;
  items.flags = items.internal_date = items.rfc822_size = true;
  items.header_fields.assign(mime::kStableFields.begin(), mime::kStableFields.end());
  IdentityFetch listing(uids, std::move(items), client_->capabilities().message_limit());
  auto ran = co_await client_->run(listing, std::move(wait));
  if (!ran) co_return fail(std::move(ran.error()).at("FETCH"));
  co_return listing.finish();
}

Task<Result<void>> ImapSourceWriter::expunge(UidSet uids, Wait wait) {
  if (client_->selected() == nullptr) co_return fail(ErrorKind::internal, "EXPUNGE without an open mailbox");
  if (!can_expunge()) co_return fail(ErrorKind::internal, "EXPUNGE without UIDPLUS");
  FlagDelta deleted;
  deleted.add.insert("\\Deleted");
  auto marked = co_await daemon::store_flags(*client_, uids, std::move(deleted), std::nullopt, wait);
  if (!marked) co_return fail(std::move(marked.error()));
  for (UidSet& part : uids.split(UINT32_MAX)) {
    auto removed = co_await client_->execute(imap::UidExpunge{std::move(part)}, {}, wait);
    if (!removed) co_return fail(std::move(removed.error()));
    if (removed->error) co_return fail(std::move(*removed->error).at("EXPUNGE"));
  }
  co_return Result<void>();
}

Task<Result<std::unique_ptr<sync::SourceWriter>>> ImapSourceWriterConnector::connect(Wait wait) {
  auto client = co_await client::ImapClient::connect(dialer_, scheduler_, settings_, std::move(wait));
  if (!client) co_return fail(std::move(client.error()));
  co_return std::unique_ptr<sync::SourceWriter>(std::make_unique<ImapSourceWriter>(std::move(*client), tally_));
}

}  // namespace postern::daemon
