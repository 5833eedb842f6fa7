#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/client/conversation.h"
#include "core/mail/uid_set.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// Pulls message bodies: UID FETCH commands in a pipeline, their answers matched with what was asked for and handed to
/// a sink. A body that no command asked for, that came before, or whose response is not well formed is abandoned and
/// never completed. `feed` and `sink` must outlive it; after run() call finish().
class BodyFetch final : public client::Conversation {
 public:
  BodyFetch(sync::UidFeed& feed, imap::FetchItems items, sync::MessageSink& sink, std::uint64_t a_command = kMessages)
      : feed_(feed), items_(std::move(items)), sink_(sink), a_command_(a_command) {}

  /// All UIDs in one command, for sets that fit in a line.
  static constexpr std::uint64_t kAtOnce = UINT64_MAX;
  /// So many UIDs a command: each makes some servers look through the whole mailbox first (Dovecot with a Maildir that
  /// has just changed: 4.1 s instead of 0.8 s for 20,000 messages, 128 at a time), so they are not few.
  static constexpr std::uint64_t kMessages = 500;

  std::optional<imap::Command> next() override;
  void sent(imap::CommandId id) override;
  std::size_t window() const override;
  void literal(const imap::LiteralChunk& chunk) override;
  void fetched(imap::Fetched& fetched) override;
  Result<void> completed(imap::Tagged& tagged) override;
  Task<Result<void>> room(Wait wait) override { return sink_.ready(std::move(wait)); }

  /// Answers were cut short by the server's MESSAGELIMIT (RFC 9738) after next() had no more to ask: run it again.
  bool unfinished() const { return !again_.empty(); }
  /// The conversation is over, in whatever way: abandons a body that is under way.
  void finish();
  std::vector<sync::FetchOutcome::Refused> take_refused() { return std::move(refused_); }
  UidSet take_repeated() { return std::move(repeated_); }

 private:
  /// Octets asked for and not come that keep a line busy: 80 MB/s at a round trip of 200 ms.
  static constexpr std::uint64_t kOctetsAhead = 16u << 20;
  static constexpr std::uint64_t kExpectedSize = 4'096;  // of a message, until some have come
  static constexpr std::size_t kFewestInFlight = 4;
  static constexpr std::size_t kMostInFlight = 32;

  struct Asked {
    UidSet open;             // what has not come yet
    std::uint64_t uids = 0;  // of the command
  };
  UidSet take_part();
  static UidSet cut_off(const imap::Tagged& tagged, const Asked& asked);

  enum class Body : std::uint8_t { none, streaming, complete, ignored };
  bool wanted(imap::CommandId command, const std::optional<Uid>& uid) const;
  void begin(const imap::LiteralChunk& chunk);
  void keep_beginning(ByteView octets);
  InternalDate date_of(const imap::FetchData& data) const;
  void drop_body();
  void end_body(imap::Fetched& fetched, UidSet& open);

  sync::UidFeed& feed_;
  imap::FetchItems items_;
  sync::MessageSink& sink_;
  std::uint64_t a_command_;                             // UIDs
  UidSet again_;                                        // what answers that were cut short had not come to
  UidSet asked_;                                        // by the command given last
  std::unordered_map<std::uint64_t, Asked> in_flight_;  // by command
  std::uint64_t open_ = 0;                              // UIDs of these
  UidSet arrived_;
  std::uint64_t arrived_count_ = 0;
  std::uint64_t arrived_octets_ = 0;
  UidSet repeated_;
  Body body_ = Body::none;
  std::uint64_t body_size_ = 0;
  Bytes beginning_;  // of the body, when its date is wanted: whether the server states one shows behind the body only
  std::vector<sync::FetchOutcome::Refused> refused_;
};

}  // namespace postern::daemon
