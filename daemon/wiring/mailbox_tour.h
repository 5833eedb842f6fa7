#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/client/conversation.h"
#include "core/client/imap_client.h"
#include "core/sync/ports.h"
#include "daemon/wiring/body_fetch.h"
#include "daemon/wiring/examine.h"

namespace postern::daemon {

/// Source::tour() on the wire: EXAMINE, UID SEARCH, UID FETCH of flags and of bodies of one mailbox after another in
/// one pipeline. Every datum is taken for the command that asked for it, and commands have to end in the order of their
/// mailboxes: a server that answers for a later one first is not believed. `client` and `guide` must outlive it; after
/// run() call finish().
class MailboxTour final : public client::Conversation {
 public:
  MailboxTour(client::ImapClient& client, sync::TourGuide& guide) : client_(client), guide_(guide) {}

  std::optional<imap::Command> next() override;
  void sent(imap::CommandId id) override;
  Result<void> refused(Error error) override;
  std::size_t window() const override;
  void untagged(imap::Untagged& untagged) override;
  void literal(const imap::LiteralChunk& chunk) override;
  void fetched(imap::Fetched& fetched) override;
  Result<void> completed(imap::Tagged& tagged) override;
  Task<Result<void>> room(Wait wait) override { return guide_.ready(std::move(wait)); }

  /// The conversation is over, in whatever way: abandons a body that is under way.
  void finish();

 private:
  enum class Part : std::uint8_t { examine, search, flags, bodies };
  struct Visit {
    Visit(sync::TourStop asked, imap::Select open, imap::FetchItems items, sync::MessageSink& sink)
        : stop(std::move(asked)),
          examine(std::move(open)),
          feed(stop.bodies),
          bodies(feed, std::move(items), sink, BodyFetch::kAtOnce) {}
    sync::TourStop stop;
    imap::Select examine;
    ExamineAnswer answer;
    UidGatherer listed;
    FlagReports reports;
    sync::UidSetFeed feed;
    BodyFetch bodies;
    sync::TourFindings findings;
    std::deque<Part> unsent;
    std::size_t in_flight = 0;
    bool wanted = false;  // its bodies may be handed on
    bool failed = false;  // a command ended in NO or BAD, or could not be written
    bool answered() const { return unsent.empty() && in_flight == 0; }
  };
  struct Asked {
    std::shared_ptr<Visit> visit;
    Part part;
  };

  std::shared_ptr<Visit> visit(sync::TourStop stop);
  imap::Command command(Visit& visit, Part part) const;
  Asked* asked(imap::CommandId id);
  Result<void> opened(Visit& visit);
  Result<void> close(Visit& visit);
  Result<void> leave_answered();

  client::ImapClient& client_;
  sync::TourGuide& guide_;
  std::deque<std::shared_ptr<Visit>> visits_;           // not answered yet, oldest first
  std::unordered_map<std::uint64_t, Asked> in_flight_;  // by command
  std::optional<Asked> given_;                          // by next(), not sent yet
  std::uint64_t expected_ = 0;                          // bodies of the visits under way
};

}  // namespace postern::daemon
