#include "daemon/wiring/limited_reading.h"

#include <utility>
#include <variant>

#include "daemon/wiring/examine.h"
#include "daemon/wiring/remaining.h"

namespace postern::daemon {
namespace {

using sync::FlagReport;

constexpr std::uint32_t kLastUid = 0xffffffff;
constexpr std::uint32_t kAllOfIt = 0xffffffff;  // what a SEARCH tells was asked for

/// UID FETCH of flags, once.
class ReadingFlags final : public client::Conversation {
 public:
  ReadingFlags(imap::UidFetch command, FlagReports& reports)
      : uids_(command.uids), command_(std::move(command)), reports_(reports) {}

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void fetched(imap::Fetched& fetched) override {
    if (!fetched.data.uid || !uids_.contains(*fetched.data.uid)) return;
    reports_.take(fetched.data);
    told_.add(UidSet{fetched.data.uid->value()});
  }
  Result<void> completed(imap::Tagged& tagged) override {
    tagged_ = std::move(tagged);
    return {};
  }
  const imap::Tagged& tagged() const { return tagged_; }
  UidSet told() { return told_.take(); }

 private:
  UidSet uids_;
  std::optional<imap::UidFetch> command_;
  FlagReports& reports_;
  UidGatherer told_;
  imap::Tagged tagged_;
};

std::uint64_t exists(const client::ImapClient& client) {
  return client.selected() != nullptr ? client.selected()->exists : 0;
}

/// So many commands read any mailbox that holds what it says: one a message, and some for what comes meanwhile.
std::uint64_t most_commands(const client::ImapClient& client) { return exists(client) + 1'000; }

std::optional<imap::PartialRange> page_of(const client::ImapClient& client) {
  const auto limit = client.capabilities().message_limit();
  if (!limit || !client.has("PARTIAL")) return std::nullopt;
  return imap::PartialRange{1, *limit, false};
}

/// BAD to PARTIAL: it has been withdrawn for the session, and the same is asked without it.
bool withdrawn(const client::ImapClient& client, const imap::Tagged& tagged, bool page) {
  return page && tagged.status == imap::Status::bad && !client.has("PARTIAL");
}

}  // namespace

Task<Result<UidSet>> search_all(client::ImapClient& client, Wait wait) {
  const UidSet everything = UidSet::range(1, kLastUid);
  Remaining remaining(everything, most_commands(client));
  UidGatherer gathered;
  std::uint64_t found = 0;
  while (const UidSet* part = remaining.next()) {
    imap::UidSearch search = search_command(client);
    search.page = page_of(client);
    const bool page = search.page.has_value();
    if (page || *part != everything) search.uids = *part;
    UidGatherer told;
    auto tagged = co_await client.execute(
        std::move(search),
        [&told](imap::Untagged& untagged) {
          const auto* data = std::get_if<imap::SearchData>(&untagged.data);
          if (data == nullptr) return;
          told.add(data->all);
          if (data->page) told.add(data->page->uids);
        },
        wait);
    if (!tagged) co_return fail(std::move(tagged.error()));
    if (withdrawn(client, *tagged, page)) continue;
    auto checked = checked_search(told.take(), exists(client));
    if (!checked) co_return checked;
    auto answered = remaining.answered(*tagged, *checked, page ? std::optional(kAllOfIt) : std::nullopt);
    if (!answered) co_return fail(std::move(answered.error()).at("SEARCH"));
    found += checked->size();
    gathered.add(*checked);
    // Pages do not overlap: more than this is an answer that goes round in circles.
    if (found > 4 * exists(client) + 10'000) co_return fail(ErrorKind::protocol, "SEARCH lists messages without end");
  }
  co_return checked_search(gathered.take(), exists(client));
}

Task<Result<std::vector<FlagReport>>> read_flags(client::ImapClient& client, UidSet uids, std::optional<ModSeq> since,
                                                 Wait wait) {
  Remaining remaining(std::move(uids), most_commands(client));
  FlagReports reports;
  while (const UidSet* part = remaining.next()) {
    imap::UidFetch command = flags_command(client, *part, since);
    // Whether a page counts the messages that changed or all of them is not said clearly: the limit itself cuts those.
    if (!command.changed_since) command.page = page_of(client);
    const auto page = command.page ? std::optional(command.page->last) : std::nullopt;
    ReadingFlags reading(std::move(command), reports);
    auto ran = co_await client.run(reading, wait);
    if (!ran) co_return fail(std::move(ran.error()));
    if (withdrawn(client, reading.tagged(), page.has_value())) continue;
    auto answered = remaining.answered(reading.tagged(), reading.told(), page);
    if (!answered) co_return fail(std::move(answered.error()).at("FETCH"));
  }
  co_return reports.finish();
}

std::optional<std::uint32_t> view_limit(const client::ImapClient& client) {
  return client.uid_only() ? std::nullopt : client.capabilities().message_limit();
}

}  // namespace postern::daemon
