#include "core/client/append.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace postern::client {
namespace {

constexpr std::size_t kSlice = 64 * 1024;

class Appending final : public Conversation {
 public:
  Appending(ImapClient& client, imap::Append command, std::vector<BodySource*> bodies)
      : client_(client), bodies_(std::move(bodies)) {
    for (const auto& message : command.messages) octets_ += message.size;
    command_ = std::move(command);
  }

  std::optional<imap::Command> next() override {
    if (!command_) return std::nullopt;
    return *std::exchange(command_, std::nullopt);
  }
  void sent(imap::CommandId id) override { id_ = id; }
  Result<void> refused(Error error) override {
    report_.fate = AppendReport::Fate::refused;
    report_.error = std::move(error);
    return {};
  }

  Task<Result<void>> act(imap::Event event, Wait wait) override {
    const auto* wanted = std::get_if<imap::BodyWanted>(&event);
    if (wanted == nullptr || wanted->index >= bodies_.size()) return Conversation::act(std::move(event), wait);
    return send_body(wanted->index, wait);
  }

  Result<void> completed(imap::Tagged& tagged) override {
    if (tagged.status == imap::Status::ok) {
      report_.fate = AppendReport::Fate::stored;
      if (const auto* uids = tagged.code.append_uid()) report_.uids = *uids;
    } else {
      report_.fate = AppendReport::Fate::refused;
      report_.error = std::move(tagged.error);
    }
    answered_ = true;
    return {};
  }

  AppendReport report(const Result<void>& ran) {
    if (!ran && !answered_) {
      const bool all_sent = id_ != imap::kNoCommand && client_.session().fully_written(id_);
      report_.fate = all_sent ? AppendReport::Fate::unknown : AppendReport::Fate::not_sent;
      report_.error = ran.error();
    }
    return std::move(report_);
  }

 private:
  Task<Result<void>> send_body(std::size_t index, Wait wait) {
    imap::Session& session = client_.session();
    for (;;) {
      auto piece = co_await bodies_[index]->next(wait);
      if (!piece) co_return fail(std::move(piece.error()));
      if (piece->empty()) break;
      for (ByteView rest = *piece; !rest.empty(); rest.remove_prefix(std::min(kSlice, rest.size()))) {
        if (session.output().size() >= kSlice) {
          auto flushed = co_await client_.flush(wait);
          if (!flushed) co_return flushed;
        }
        auto supplied = session.supply(rest.substr(0, kSlice));
        if (!supplied) co_return supplied;
      }
    }
    if (index + 1 == bodies_.size()) client_.expect_silence(patience());
    co_return session.end_body();  // run() writes what is left
  }

  /// Virus scanners and slow disks need time in proportion.
  std::chrono::nanoseconds patience() const {
    const ImapTimeouts& timeouts = client_.settings().timeouts;
    const std::chrono::seconds more(octets_ / std::max<std::uint64_t>(1, timeouts.append_octets_per_second));
    return std::min(timeouts.append_reply + more, timeouts.append_reply_max);
  }

  ImapClient& client_;
  std::vector<BodySource*> bodies_;
  std::optional<imap::Append> command_;
  imap::CommandId id_ = imap::kNoCommand;
  std::uint64_t octets_ = 0;
  bool answered_ = false;
  AppendReport report_;
};

}  // namespace

Task<AppendReport> append(ImapClient& client, imap::Append command, std::vector<BodySource*> bodies, Wait wait) {
  Appending appending(client, std::move(command), std::move(bodies));
  const Result<void> ran = co_await client.run(appending, wait);
  co_return appending.report(ran);
}

}  // namespace postern::client
