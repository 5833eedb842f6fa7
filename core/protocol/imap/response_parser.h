#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/protocol/imap/fetch_reader.h"
#include "core/protocol/imap/limits.h"
#include "core/protocol/imap/quirk.h"
#include "core/protocol/imap/response.h"
#include "core/protocol/imap/set_reader.h"

namespace postern::imap {

/// Reads what the Fragmenter gives as typed responses. Most are read whole by finish(); a FETCH is read in parts around
/// its streamed literals, a long SEARCH, ESEARCH or VANISHED in pieces as they come, so that neither is held in memory.
/// Linear in the octets; parentheses are counted, not recursed into. Pure. Not thread-safe.
class ResponseParser {
 public:
  /// `quirks` must outlive this.
  ResponseParser(Limits limits, QuirkCounts& quirks) : limits_(limits), quirks_(quirks) {}

  /// What a "{n}" at the end of these octets is. Human text is no place for literals, whatever it looks like.
  enum class LiteralUse : std::uint8_t { text, keep, stream };
  LiteralUse literal_use(ByteView octets) const;

  /// A FETCH up to its streamed literal: fetch().sections.back() describes it.
  Result<void> fetch_to_literal(ByteView octets);
  /// What is known of the FETCH being read.
  const FetchData& fetch() const { return fetch_.data(); }

  /// Takes what it can of an unfinished line; 0 when it is none that can be taken in pieces.
  Result<std::size_t> long_line(ByteView octets);

  /// The rest of a response.
  Result<Response> finish(ByteView octets);
  /// Bodies of the FETCH just finished that came as strings, not as streamed literals.
  std::vector<FetchReader::InlineBody> take_inline_bodies() { return fetch_.take_inline_bodies(); }

  void set_limits(const Limits& limits) { limits_ = limits; }
  /// Mailbox names are UTF-8 on the wire (UTF8=ACCEPT or IMAP4rev2 enabled).
  void set_utf8(bool utf8) { utf8_ = utf8; }

 private:
  using Maybe = std::optional<Response>;
  Maybe response(Cursor& in);
  Maybe tagged(Cursor& in);
  Maybe untagged(Cursor& in);
  Maybe numbered(Cursor& in);
  Maybe fetch_end(Cursor& in);
  Maybe status_response(Cursor& in, std::string_view word, std::string tag);
  Maybe capability(Cursor& in);
  Maybe enabled(Cursor& in);
  Maybe list(Cursor& in, bool lsub);
  Maybe status(Cursor& in);
  Maybe name_space(Cursor& in);
  Maybe flags(Cursor& in);
  Maybe quota(Cursor& in, bool roots);
  Maybe quota_root(Cursor& in);
  Maybe quota_of_root(Cursor& in);
  bool root_name(Cursor& in, std::string& out);
  Maybe id(Cursor& in);
  Maybe set_end(Cursor& in);
  bool set_begin(Cursor& in);
  bool esearch_head(Cursor& in);
  bool esearch_page(Cursor& in);
  bool esearch_item(Cursor& in, std::string_view name);
  bool list_extension(Cursor& in, ListData& out);
  bool status_item(Cursor& in, StatusData& out);
  bool mailbox(Cursor& in, char delimiter, MailboxName& out);
  bool delimiter(Cursor& in, char& out);
  bool namespaces(Cursor& in, std::vector<Namespace>& out);
  std::string text(Cursor& in);

  Limits limits_;
  QuirkCounts& quirks_;
  bool utf8_ = false;
  std::string_view rule_ = "response";  // what is being read, for errors
  FetchReader fetch_;

  enum class Set : std::uint8_t { none, search, esearch, vanished };
  Set set_ = Set::none;   // being read in pieces
  bool in_set_ = false;   // of an ESEARCH or VANISHED: inside the sequence-set
  bool in_page_ = false;  // of an ESEARCH: that of PARTIAL, which ends in ")"
  RangeCollector ranges_;
  RangeCollector page_;
  SearchData search_;
  bool vanished_earlier_ = false;
};

}  // namespace postern::imap
