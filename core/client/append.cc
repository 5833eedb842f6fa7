#include "core/client/append.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>
#include <variant>

namespace postern::client {
namespace {

constexpr std::size_t kSlice = 64 * 1024;
/// Their answers fit in socket buffers while nobody reads: bodies are written with nothing read in between.
constexpr std::size_t kAppendsInFlight = 32;

/// APPEND commands, each with one report, pipelined: behind a body the next command follows at once. How far that
/// goes is the session's business: a synchronising literal makes it wait for the server's "+".
class Appending final : public Conversation {
 public:
  Appending(ImapClient& client, std::vector<imap::Append> commands, std::vector<BodySource*> bodies)
      : client_(client), commands_(std::move(commands)), bodies_(std::move(bodies)), reports_(commands_.size()) {
    std::size_t first_body = 0;
    for (const imap::Append& command : commands_) {
      Sent one{first_body, command.messages.size()};
      for (const auto& message : command.messages) one.octets += message.size;
      first_body += one.bodies;
      sent_.push_back(one);
    }
  }

  std::optional<imap::Command> next() override {
    if (given_ == commands_.size()) return std::nullopt;
    return std::move(commands_[given_++]);
  }
  std::size_t window() const override { return kAppendsInFlight; }
  void sent(imap::CommandId id) override { flying_.emplace(id, given_ - 1); }
  Result<void> refused(Error error) override {
    sent_[given_ - 1].answered = true;
    reports_[given_ - 1].fate = AppendReport::Fate::refused;
    reports_[given_ - 1].error = std::move(error);
    return {};
  }

  Task<Result<void>> act(imap::Event event, Wait wait) override {
    const auto* wanted = std::get_if<imap::BodyWanted>(&event);
    const auto command = wanted == nullptr ? flying_.end() : flying_.find(wanted->command);
    if (command == flying_.end() || wanted->index >= sent_[command->second].bodies) {
      return Conversation::act(std::move(event), wait);
    }
    return send_body(sent_[command->second], wanted->index, wait);
  }

  Result<void> completed(imap::Tagged& tagged) override {
    const auto command = flying_.find(tagged.command);
    if (command == flying_.end()) return {};
    AppendReport& report = reports_[command->second];
    Sent& sent = sent_[command->second];
    if (tagged.status == imap::Status::ok) {
      report.fate = AppendReport::Fate::stored;
      if (const auto* uids = tagged.code.append_uid()) report.uids = *uids;
    } else {
      report.fate = AppendReport::Fate::refused;
      report.error = std::move(tagged.error);
    }
    sent.answered = true;
    if (sent.written) unanswered_ -= sent.octets;
    if (unanswered_ != 0) client_.expect_silence(patience());
    flying_.erase(command);
    return {};
  }

  /// The connection ended: each that was not answered may be there only when its last octet was handed over.
  std::vector<AppendReport> reports(const Result<void>& ran) {
    for (std::size_t i = 0; i < reports_.size() && !ran; ++i) {
      if (sent_[i].answered) continue;
      reports_[i].fate = AppendReport::Fate::not_sent;
      reports_[i].error = ran.error();
    }
    for (const auto& [id, i] : flying_) {
      if (!ran && client_.session().fully_written(id)) reports_[i].fate = AppendReport::Fate::unknown;
    }
    return std::move(reports_);
  }

 private:
  struct Sent {
    std::size_t first_body = 0;
    std::size_t bodies = 0;
    std::uint64_t octets = 0;
    bool written = false;
    bool answered = false;
  };

  Task<Result<void>> send_body(Sent& command, std::size_t index, Wait wait) {
    imap::Session& session = client_.session();
    BodySource& body = *bodies_[command.first_body + index];
    for (;;) {
      auto piece = co_await body.next(wait);
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
    if (index + 1 == command.bodies) {
      command.written = true;
      unanswered_ += command.octets;
      client_.expect_silence(patience());
    }
    co_return session.end_body();  // run() writes what is left
  }

  /// Virus scanners and slow disks need time in proportion.
  std::chrono::nanoseconds patience() const {
    const ImapTimeouts& timeouts = client_.settings().timeouts;
    const std::chrono::seconds more(unanswered_ / std::max<std::uint64_t>(1, timeouts.append_octets_per_second));
    return std::min(timeouts.append_reply + more, timeouts.append_reply_max);
  }

  ImapClient& client_;
  std::vector<imap::Append> commands_;
  std::vector<BodySource*> bodies_;
  std::vector<AppendReport> reports_;
  std::vector<Sent> sent_;  // of commands_
  std::size_t given_ = 0;   // of commands_
  std::map<imap::CommandId, std::size_t> flying_;
  std::uint64_t unanswered_ = 0;  // octets of bodies written
};

}  // namespace

Task<AppendReport> append(ImapClient& client, imap::Append command, std::vector<BodySource*> bodies, Wait wait) {
  std::vector<imap::Append> commands;
  commands.push_back(std::move(command));
  auto reports = co_await append_each(client, std::move(commands), std::move(bodies), std::move(wait));
  co_return std::move(reports.front());
}

Task<std::vector<AppendReport>> append_each(ImapClient& client, std::vector<imap::Append> commands,
                                            std::vector<BodySource*> bodies, Wait wait) {
  Appending appending(client, std::move(commands), std::move(bodies));
  const Result<void> ran = co_await client.run(appending, wait);
  co_return appending.reports(ran);
}

}  // namespace postern::client
