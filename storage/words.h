#pragma once

// Values of keys and records as text, and lists of named ones. Pure.

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mail/records.h"
#include "storage/changes.h"
#include "storage/chunk_codec.h"
#include "storage/keys.h"
#include "storage/row_words.h"

namespace postern::storage {

inline std::string text(const std::string& value) { return value; }
inline std::string text(const Digest& value) { return value.to_hex(); }
inline std::string text(const FlagSet& value) { return "(" + value.to_string() + ")"; }
inline std::string text(const UidSet& value) { return value.to_string(); }
inline std::string text(const MailboxName& value) { return value.display(); }
inline std::string text(const InternalDate& value) { return value.to_rfc3339(); }
inline std::string text(bool value) { return value ? "yes" : "no"; }
/// "2023-11-14T22:13:20.000Z".
std::string text(WallTime value);
template <std::integral Number>
std::string text(Number value) {
  return std::to_string(value);
}
template <class Tag, class Number>
std::string text(StrongId<Tag, Number> value) {
  return std::to_string(value.value());
}

// What a number of FORMAT.md says; empty for one that it does not have.
std::string_view meaning(HistoryRecord::Kind kind);
std::string_view meaning(AuditRecord::Action action);
std::string_view meaning(GuardHold::Reason reason);
std::string_view meaning(QuarantineRecord::Stage stage);
std::string_view meaning(PassSummary::State state);
std::string_view meaning(BindingKind kind);
std::string_view meaning(StatsKind kind);
std::string_view meaning(ChunkCodec codec);
std::string_view meaning(DictionaryUse use);

/// Fields in the order they are added.
class Words {
 public:
  template <class Value>
  Words& add(std::string name, const Value& value) {
    words_.push_back({std::move(name), text(value)});
    return *this;
  }
  /// "2 expunged".
  template <class Kind>
  Words& add_kind(std::string name, Kind kind) {
    words_.push_back({std::move(name), std::to_string(static_cast<unsigned>(kind)) + " " + std::string(meaning(kind))});
    return *this;
  }
  Words& add(const Place& place) {
    return add("mailbox", place.mailbox).add("uidvalidity", place.uidvalidity).add("uid", place.uid);
  }
  std::vector<Word> take() { return std::move(words_); }

 private:
  std::vector<Word> words_;
};

}  // namespace postern::storage
