#pragma once

#include <set>
#include <vector>

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// Whether messages have the flags that they were appended with: some servers drop them there and keep them by STORE
/// alone. Asked of the first messages of a mailbox and session that had any; once one mailbox of the target showed
/// that it drops some, of all.
class AppendedFlags {
 public:
  explicit AppendedFlags(TargetMailbox& mailbox) : mailbox_(mailbox) {}

  /// Whether the message is sent without its keywords.
  void without_keywords(Place place, bool without) {
    if (without) {
      without_keywords_.insert(place);
    } else {
      without_keywords_.erase(place);
    }
  }
  /// What became of keywords: `not_known` when another session may have sent them or not.
  enum class Keywords : std::uint8_t { sent, not_known };
  /// Reads the flags of the bound items where that is due, and sets what was dropped. Before the intents end: they
  /// bring a later session here when this one is interrupted.
  Task<Result<void>> check(const std::vector<Intent>& intents, Keywords keywords);

 private:
  struct Message {
    Binding binding;
    FlagSet sent;  // what is judged of it
    FlagSet all;   // with what is not
  };
  Task<Result<std::vector<Message>>> bound(const std::vector<Intent>& intents, Keywords keywords);
  Task<Result<FlagSet>> dropped(std::vector<Message>& messages);
  Task<Result<void>> set(std::vector<Message> messages, FlagSet flags);

  TargetMailbox& mailbox_;
  std::set<Place> without_keywords_;
  bool kept_ = false;
};

}  // namespace postern::sync
