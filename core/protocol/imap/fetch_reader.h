#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/protocol/imap/cursor.h"
#include "core/protocol/imap/response.h"

namespace postern::imap {

/// Reads the items of one FETCH response, in as many parts as there are streamed literals: each part ends where the
/// octets of a body section begin, and the next starts behind them. No octet is read twice.
class FetchReader {
 public:
  /// A body that came as a quoted string or a kept literal: index into FetchData::sections, and its octets.
  using InlineBody = std::pair<std::size_t, Bytes>;

  bool active() const { return active_; }
  /// `seq` or, for UIDFETCH, `uid`.
  void begin(std::uint32_t seq, std::optional<Uid> uid);
  /// Reads up to a streamed literal at the end of the octets; data().sections.back() is then that section.
  bool read_to_literal(Cursor& in);
  /// Reads up to the closing parenthesis.
  bool read_to_end(Cursor& in);

  const FetchData& data() const { return data_; }
  FetchData take_data();
  std::vector<InlineBody> take_inline_bodies() { return std::exchange(inline_bodies_, {}); }

 private:
  enum class Step { item, literal, end, failed };
  Step step(Cursor& in);
  Step body(Cursor& in, std::string section);
  bool item(Cursor& in, std::string_view name);
  bool internal_date(Cursor& in);
  bool labels(Cursor& in);
  bool object_id(Cursor& in, std::string& out);

  FetchData data_;
  std::vector<InlineBody> inline_bodies_;
  bool active_ = false;
  bool opened_ = false;  // "(" has been read
  bool first_ = true;
};

/// flag-list = "(" [flag *(SP flag)] ")". What is no flag is dropped under a quirk; with `any_keyword`, "\*" sets it.
bool read_flags(Cursor& in, FlagSet& out, std::size_t limit, bool* any_keyword = nullptr);

/// True when the text before a literal's brace names a body section or RFC822: the literal is a message, or a part of
/// one.
bool names_body_literal(ByteView octets_with_spec);

}  // namespace postern::imap
