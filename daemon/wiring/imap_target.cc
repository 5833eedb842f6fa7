#include "daemon/wiring/imap_target.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>

#include "core/crypto/sha256.h"
#include "core/protocol/mime/added_field.h"
#include "core/protocol/mime/stable_header.h"
#include "daemon/wiring/append_uids.h"
#include "daemon/wiring/body_fetch.h"
#include "daemon/wiring/flag_store.h"
#include "daemon/wiring/limited_reading.h"
#include "daemon/wiring/mailbox_list.h"
#include "daemon/wiring/storable_flags.h"
#include "daemon/wiring/target_quota.h"

namespace postern::daemon {
namespace {

using sync::AppendOutcome;
using sync::TargetMessage;

/// More than this are not from a mailbox that exists.
constexpr std::size_t kMostMessages = 8'000'000;

/// UID FETCH of sizes, dates, flags and headers of a range. Of a header only what the identity looks at is kept.
class ReadingMessages final : public client::Conversation {
 public:
  explicit ReadingMessages(imap::UidFetch command) : uids_(command.uids), command_(std::move(command)) {}

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void literal(const imap::LiteralChunk& chunk) override {
    if (chunk.section != "HEADER") return;
    if (chunk.offset == 0) header_.clear();
    header_.append(chunk.octets.substr(0, mime::kHeaderCap - std::min(mime::kHeaderCap, header_.size())));
  }
  void fetched(imap::Fetched& fetched) override {
    imap::FetchData& data = fetched.data;
    const Bytes header = std::exchange(header_, {});
    const imap::BodySection* section = data.section("HEADER");
    if (!data.uid || !uids_.contains(*data.uid) || section == nullptr || !data.rfc822_size) return;
    if (seen_.size() == kMostMessages || !seen_.insert(data.uid->value()).second) return;
    TargetMessage message;
    message.uid = *data.uid;
    message.identity.header = Digest(crypto::sha256(mime::stable_header(header)));
    message.identity.size = *data.rfc822_size;
    message.internaldate = data.internal_date.value_or(InternalDate());
    if (data.flags) message.flags = std::move(*data.flags);
    messages_.push_back(std::move(message));
  }
  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.error) return fail(std::move(*tagged.error).at("FETCH"));
    if (seen_.size() == kMostMessages) return fail(ErrorKind::protocol, "the server shows messages without end");
    return {};
  }
  std::vector<TargetMessage> finish() { return std::move(messages_); }

 private:
  UidSet uids_;
  std::unordered_set<std::uint32_t> seen_;
  std::optional<imap::UidFetch> command_;
  Bytes header_;
  std::vector<TargetMessage> messages_;
};

/// Hashes bodies as they come, and beside each one that mbsync copied what it was before. Keeps a header at most.
class Hashing final : public sync::MessageSink {
 public:
  void begin(std::uint64_t) override {
    hash_ = crypto::Sha256();
    original_.reset();
    header_.clear();
    header_end_ = mime::HeaderEnd();
    in_header_ = true;
  }
  void body(ByteView octets) override {
    hash_.update(octets);
    if (original_) original_->update(octets);
    if (!in_header_) return;
    header_.append(octets);
    in_header_ = !header_end_.passed(octets) && header_.size() < mime::kHeaderCap;
    if (!in_header_) leave_header();
  }
  void end(const sync::ArrivedMessage& message) override {
    if (in_header_) leave_header();
    sync::Target::Hashed hashed{message.uid, Digest(hash_.finish())};
    if (original_) hashed.without_tuid = Digest(original_->finish());
    hashed_.push_back(std::move(hashed));
  }
  void abandon() override {}
  Task<Result<void>> ready(Wait) override { co_return Result<void>(); }
  std::vector<sync::Target::Hashed> finish() { return std::move(hashed_); }

 private:
  void leave_header() {
    in_header_ = false;
    const Bytes header = std::exchange(header_, {});
    const auto line = mime::find_tuid_line(header);
    if (!line) return;
    original_.emplace();
    original_->update(ByteView(header).substr(0, *line));
    original_->update(ByteView(header).substr(*line + mime::kTuidLine));
  }

  crypto::Sha256 hash_;
  std::optional<crypto::Sha256> original_;
  Bytes header_;  // while it comes, with what came behind it in one piece
  mime::HeaderEnd header_end_;
  bool in_header_ = true;
  std::vector<sync::Target::Hashed> hashed_;
};

/// The vault's octets for the client.
class VaultBody final : public client::BodySource {
 public:
  explicit VaultBody(sync::OctetSource& octets) : octets_(octets) {}
  Task<Result<Bytes>> next(Wait wait) override {
    auto piece = co_await octets_.next(std::move(wait));
    if (piece || piece.error().scope() != Scope::message) co_return piece;
    damage_ = std::move(piece.error());
    co_return fail(ErrorKind::transient, "given up in the middle of a message that the vault cannot read");
  }
  const std::optional<Error>& damage() const { return damage_; }

 private:
  sync::OctetSource& octets_;
  std::optional<Error> damage_;
};

AppendOutcome refused(Error error) {
  AppendOutcome outcome;
  outcome.fate = AppendOutcome::Fate::refused;
  outcome.error = std::move(error);
  return outcome;
}

AppendOutcome::Fate fate_of(client::AppendReport::Fate fate) {
  switch (fate) {
    case client::AppendReport::Fate::stored:
      return AppendOutcome::Fate::stored;
    case client::AppendReport::Fate::refused:
      return AppendOutcome::Fate::refused;
    case client::AppendReport::Fate::not_sent:
      return AppendOutcome::Fate::not_sent;
    case client::AppendReport::Fate::unknown:
      return AppendOutcome::Fate::unknown;
  }
  return AppendOutcome::Fate::unknown;
}

/// NAMESPACE; without it the delimiter of LIST "" "" (RFC 9051 §6.3.9). A server that says neither gets "/".
Task<Result<ImapTarget::Personal>> find_personal(client::ImapClient& client, Wait wait) {
  ImapTarget::Personal personal;
  imap::Command ask = imap::NamespaceCommand{};
  if (!client.has("NAMESPACE")) ask = imap::List{.reference = "", .pattern = ""};
  const auto take = [&personal](imap::Untagged& untagged) {
    if (const auto* spaces = std::get_if<imap::NamespaceData>(&untagged.data); spaces && !spaces->personal.empty()) {
      personal.prefix = spaces->personal.front().prefix;
      if (spaces->personal.front().delimiter != '\0') personal.delimiter = spaces->personal.front().delimiter;
    } else if (const auto* list = std::get_if<imap::ListData>(&untagged.data)) {
      if (list->name.delimiter() != '\0') personal.delimiter = list->name.delimiter();
    }
  };
  auto tagged = co_await client.execute(std::move(ask), take, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  co_return std::move(personal);
}

/// What a server answers about a mailbox by name is that mailbox's: a BAD to one name must not end the session, and
/// with it all other mailboxes' turn, in every pass.
Error of_mailbox(Error error, const MailboxName& name) {
  if (error.kind() == ErrorKind::server_bug || error.kind() == ErrorKind::protocol) error.scope(Scope::mailbox);
  return std::move(error.at(name.display()));
}

}  // namespace

sync::TargetFeatures ImapTarget::features() const {
  sync::TargetFeatures features;
  features.multiappend = client_->has("MULTIAPPEND");
  features.delimiter = personal_.delimiter;
  features.prefix = personal_.prefix;
  features.append_limit = client_->capabilities().append_limit();
  if (opened_limit_) features.append_limit = std::min(*opened_limit_, features.append_limit.value_or(*opened_limit_));
  features.move = client_->has("MOVE");
  features.uidplus = client_->has("UIDPLUS");
  features.quota = client_->capabilities().states("QUOTA");
  return features;
}

Task<Result<std::vector<sync::ListedMailbox>>> ImapTarget::list(Wait wait) {
  return list_mailboxes(*client_, false, std::move(wait));
}

Task<Result<std::vector<sync::ListedMailbox>>> ImapTarget::list_with_status(Wait wait) {
  return list_mailboxes(*client_, true, std::move(wait));
}

Task<Result<sync::Creation>> ImapTarget::create(MailboxName name, Wait wait) {
  auto tagged = co_await client_->execute(imap::Create{name}, {}, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (!tagged->error) co_return sync::Creation::made;
  if (tagged->code.is(imap::CodeKind::already_exists)) co_return sync::Creation::was_there;
  co_return fail(of_mailbox(std::move(*tagged->error), name));
}

Task<Result<void>> ImapTarget::about(MailboxName name, imap::Command command, Wait wait) {
  auto tagged = co_await client_->execute(std::move(command), {}, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(of_mailbox(std::move(*tagged->error), name));
  co_return Result<void>();
}

/// APPENDLIMIT without a value: each mailbox has its own (RFC 7889 §2, §4). Asked for before SELECT, for STATUS of the
/// selected mailbox is frowned upon; a mailbox that does not say has none.
Task<Result<void>> ImapTarget::ask_append_limit(MailboxName name, Wait wait) {
  opened_limit_.reset();
  if (!client_->has("APPENDLIMIT")) co_return Result<void>();
  imap::StatusCommand command{name, {.messages = false, .uidnext = false, .uidvalidity = false, .append_limit = true}};
  const auto take = [this](imap::Untagged& untagged) {
    const auto* status = std::get_if<imap::StatusData>(&untagged.data);
    if (status != nullptr && status->append_limit) opened_limit_ = status->append_limit;
  };
  auto tagged = co_await client_->execute(std::move(command), take, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  co_return Result<void>();
}

Task<Result<void>> ImapTarget::rename(MailboxName from, MailboxName to, Wait wait) {
  imap::Rename command{from, std::move(to)};
  return about(std::move(from), std::move(command), std::move(wait));
}

Task<Result<void>> ImapTarget::subscribe(MailboxName name, Wait wait) {
  imap::Subscribe command{name};
  return about(std::move(name), std::move(command), std::move(wait));
}

Task<Result<void>> ImapTarget::unsubscribe(MailboxName name, Wait wait) {
  imap::Unsubscribe command{name};
  return about(std::move(name), std::move(command), std::move(wait));
}

Task<Result<sync::OpenedTarget>> ImapTarget::open(MailboxName name, Wait wait) {
  auto asked = co_await ask_append_limit(name, wait);
  if (!asked) co_return fail(std::move(asked.error()));
  imap::Select command;
  command.mailbox = name;
  command.read_only = false;
  auto tagged = co_await client_->execute(std::move(command), {}, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return fail(std::move(*tagged->error).at(name.display()));
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(Error(ErrorKind::protocol, "SELECT did not open it").at(name.display()));
  sync::OpenedTarget opened;
  opened.uidvalidity = selected->uidvalidity;
  opened.uidnext = selected->uidnext;
  opened.messages = selected->exists;
  opened.read_only = selected->read_only;
  if (client_->condstore() && !selected->no_modseq) opened.highestmodseq = selected->highestmodseq;
  if (selected->permanent_flags) {
    opened.any_keyword = selected->permanent_flags->any_keyword;
    opened.permanent_flags = selected->permanent_flags->flags;
  } else {
    opened.any_keyword = true;  // RFC 9051 §7.1: without PERMANENTFLAGS every flag is kept
    opened.permanent_flags = {"\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"};
  }
  co_return std::move(opened);
}

Task<Result<std::vector<sync::QuotaLimit>>> ImapTarget::quota(MailboxName name, Wait wait) {
  return read_quota(*client_, std::move(name), std::move(wait));
}

Task<Result<std::vector<TargetMessage>>> ImapTarget::messages(UidSet uids, Wait wait) {
  imap::UidFetch command;
  command.uids = std::move(uids);
  command.items.flags = command.items.internal_date = command.items.rfc822_size = command.items.header = true;
  ReadingMessages reading(std::move(command));
  auto ran = co_await client_->run(reading, std::move(wait));
  if (!ran) co_return fail(std::move(ran.error()));
  co_return reading.finish();
}

Task<Result<std::vector<sync::Target::Hashed>>> ImapTarget::digests(UidSet uids, Wait wait) {
  Hashing hashing;
  imap::FetchItems items;
  items.body = true;
  sync::UidSetFeed feed(std::move(uids));
  BodyFetch bodies(feed, std::move(items), hashing);
  auto ran = co_await client_->run(bodies, std::move(wait));
  bodies.finish();
  if (!ran) co_return fail(std::move(ran.error()).at("FETCH"));
  co_return hashing.finish();  // what was refused is left out
}

FlagSet ImapTarget::storable(const MailboxName& name, const FlagSet& flags) const {
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr || selected->name != name || !selected->permanent_flags) return storable_flags(flags);
  return storable_flags(flags, selected->permanent_flags->flags, selected->permanent_flags->any_keyword);
}

Task<AppendOutcome> ImapTarget::append(MailboxName name, std::vector<sync::AppendItem> items, Wait wait) {
  if (items.empty()) co_return AppendOutcome{};
  if (items.size() > 1 && !client_->has("MULTIAPPEND")) {
    co_return refused(Error(ErrorKind::internal, "several messages in one APPEND without MULTIAPPEND"));
  }
  imap::Append command;
  command.mailbox = name;
  std::vector<VaultBody> bodies;
  std::vector<client::BodySource*> sources;
  bodies.reserve(items.size());
  for (const auto& item : items) {
    command.messages.push_back({item.octets->size(), storable(name, item.flags), item.internaldate});
    sources.push_back(&bodies.emplace_back(*item.octets));
  }
  auto report = co_await client::append(*client_, std::move(command), std::move(sources), std::move(wait));
  for (const VaultBody& body : bodies) {
    if (body.damage()) report.error = *body.damage();  // the message's fault, and not the connection's
  }
  co_return outcome(name, items.size(), std::move(report));
}

Task<std::vector<AppendOutcome>> ImapTarget::append_each(MailboxName name, std::vector<sync::AppendItem> items,
                                                         Wait wait) {
  std::vector<imap::Append> commands;
  std::vector<VaultBody> bodies;
  std::vector<client::BodySource*> sources;
  bodies.reserve(items.size());
  for (const auto& item : items) {
    commands.push_back({name, {{item.octets->size(), storable(name, item.flags), item.internaldate}}});
    sources.push_back(&bodies.emplace_back(*item.octets));
  }
  auto reports = co_await client::append_each(*client_, std::move(commands), std::move(sources), std::move(wait));
  std::vector<AppendOutcome> outcomes;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (bodies[i].damage()) reports[i].error = *bodies[i].damage();
    outcomes.push_back(outcome(name, 1, std::move(reports[i])));
  }
  co_return outcomes;
}

AppendOutcome ImapTarget::outcome(const MailboxName& name, std::size_t count, client::AppendReport report) const {
  AppendOutcome outcome;
  outcome.fate = fate_of(report.fate);
  outcome.error = std::move(report.error);
  if (outcome.error) outcome.error->at("APPEND").at(name.display());
  if (report.uids) {
    const imap::SelectedMailbox* selected = client_->selected();
    const bool opened = selected != nullptr && selected->name == name;
    outcome.uids = believable_uids(*report.uids, count, opened ? selected->uidvalidity : UidValidity(),
                                   opened ? selected->uidnext : 0);
    if (!outcome.uids.empty()) outcome.uidvalidity = report.uids->uidvalidity;
  }
  return outcome;
}

Task<Result<std::vector<sync::FlagReport>>> ImapTarget::flags(UidSet uids, std::optional<ModSeq> since, Wait wait) {
  return read_flags(*client_, std::move(uids), since, std::move(wait));
}

Task<Result<sync::StoreOutcome>> ImapTarget::store_flags(UidSet uids, FlagDelta delta,
                                                         std::optional<ModSeq> unchanged_since, Wait wait) {
  const imap::SelectedMailbox* selected = client_->selected();
  if (selected == nullptr) co_return fail(ErrorKind::internal, "STORE without an open mailbox");
  delta.add = storable(selected->name, delta.add);
  delta.remove = storable(selected->name, delta.remove);
  co_return co_await daemon::store_flags(*client_, std::move(uids), std::move(delta), unchanged_since, std::move(wait));
}

Task<void> ImapTarget::close() { return client_->logout(); }

Task<Result<std::unique_ptr<sync::Target>>> ImapTargetConnector::connect(Wait wait) {
  client::ImapSettings settings = settings_;
  settings.introduce_with_first = true;  // NAMESPACE comes next
  auto client = co_await client::ImapClient::connect(dialer_, scheduler_, std::move(settings), wait);
  if (!client) co_return fail(std::move(client.error()));
  auto personal = co_await find_personal(**client, wait);
  if (!personal) co_return fail(std::move(personal.error()));
  co_return std::unique_ptr<sync::Target>(
      std::make_unique<ImapTarget>(std::move(*client), std::move(*personal), tally_));
}

}  // namespace postern::daemon
