#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/client/conversation.h"
#include "core/mail/uid_set.h"
#include "core/sync/ports.h"

namespace postern::daemon {

/// Reads what messages are without their bodies: UID FETCH commands in a pipeline. What nobody asked for, and what
/// comes a second time, is left out; so is a message without a date, whose body alone may tell it. A NO or BAD to any
/// of the commands ends it. Of a header only the stable fields' digest is kept.
class IdentityFetch final : public client::Conversation {
 public:
  /// `message_limit`: the server's MESSAGELIMIT (RFC 9738).
  IdentityFetch(const UidSet& uids, imap::FetchItems items, std::optional<std::uint32_t> message_limit = std::nullopt);

  std::optional<imap::Command> next() override;
  std::size_t window() const override { return kInFlight; }
  void literal(const imap::LiteralChunk& chunk) override;
  void fetched(imap::Fetched& fetched) override;
  Result<void> completed(imap::Tagged& tagged) override;

  std::vector<sync::ListedMessage> finish() { return std::move(messages_); }

 private:
  static constexpr std::size_t kInFlight = 4;
  static constexpr std::uint64_t kMessages = 1'000;  // a command

  std::optional<Digest> take_header(const imap::FetchData& data);

  UidSet uids_;
  std::vector<UidSet> parts_;  // the next one last
  imap::FetchItems items_;
  std::unordered_set<std::uint32_t> seen_;
  Bytes header_;
  std::vector<sync::ListedMessage> messages_;
};

}  // namespace postern::daemon
