#include "core/protocol/imap/response_parser.h"

#include "core/protocol/imap/code_reader.h"

namespace postern::imap {
namespace {

std::optional<Status> status_of(std::string_view word) {
  if (ascii_iequals(word, "OK")) return Status::ok;
  if (ascii_iequals(word, "NO")) return Status::no;
  if (ascii_iequals(word, "BAD")) return Status::bad;
  if (ascii_iequals(word, "BYE")) return Status::bye;
  if (ascii_iequals(word, "PREAUTH")) return Status::preauth;
  return std::nullopt;
}

/// The next word: up to a blank.
std::string_view word_at(ByteView octets) { return octets.substr(0, octets.find(' ')); }

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

ResponseParser::LiteralUse ResponseParser::literal_use(ByteView octets) const {
  if (!fetch_.active()) {
    if (!octets.starts_with("* ")) return LiteralUse::text;  // a tagged reply or a continuation
    const ByteView rest = octets.substr(2);
    const std::string_view word = word_at(rest);
    if (status_of(word)) return LiteralUse::text;
    const bool fetch = is_number(word)
                           ? ascii_iequals(word_at(rest.substr(std::min(rest.size(), word.size() + 1))), "FETCH")
                           : ascii_iequals(word, "UIDFETCH");
    if (!fetch) return LiteralUse::keep;
  }
  return names_body_literal(octets) ? LiteralUse::stream : LiteralUse::keep;
}

Result<void> ResponseParser::fetch_to_literal(ByteView octets) {
  Cursor in(octets, limits_, quirks_);
  rule_ = "FETCH";
  if (!fetch_.active()) {
    in.advance(2);  // "* ": literal_use() has seen it
    std::uint32_t number = 0;
    if (in.take_word("UIDFETCH")) {
      if (in.sp() && in.nz_number32(number) && in.sp()) fetch_.begin(0, Uid(number));
    } else if (in.nz_number32(number) && in.sp() && in.take_word("FETCH") && in.sp()) {
      fetch_.begin(number, std::nullopt);
    }
    if (in.failed() || !fetch_.active()) return fail(in.error(rule_));
  }
  if (!fetch_.read_to_literal(in)) return fail(in.error(rule_));
  return {};
}

Result<Response> ResponseParser::finish(ByteView octets) {
  Cursor in(octets, limits_, quirks_);
  rule_ = "response";
  Maybe out = fetch_.active() ? fetch_end(in) : set_ != Set::none ? set_end(in) : response(in);
  if (!out || in.failed()) {
    in.fail("");
    return fail(in.error(rule_));
  }
  return std::move(*out);
}

// response = continue-req / response-data / response-tagged
ResponseParser::Maybe ResponseParser::response(Cursor& in) {
  if (in.take('+')) {
    // continue-req = "+" SP (resp-text / base64) CRLF
    if (!in.take(' ')) {
      if (!in.at_end()) return in.fail("SP"), std::nullopt;
      quirks_.add(Quirk::bare_plus);
    }
    return ContinuationRequest{std::string(in.rest())};
  }
  if (!in.take('*')) return tagged(in);
  return in.sp() ? untagged(in) : std::nullopt;
}

// response-tagged = tag SP resp-cond-state CRLF; tag = 1*<any ASTRING-CHAR except "+">
ResponseParser::Maybe ResponseParser::tagged(Cursor& in) {
  rule_ = "tagged response";
  std::size_t n = 0;
  const ByteView rest = in.rest();
  while (n < rest.size() && is_astring_char(rest[n]) && rest[n] != '+') ++n;
  if (n == 0) return in.fail("tag"), std::nullopt;
  in.advance(n);
  std::string_view word;
  if (!in.sp() || !in.atom(word)) return std::nullopt;
  const auto status = status_of(word);
  if (!status || *status == Status::bye || *status == Status::preauth) return in.fail("OK, NO or BAD"), std::nullopt;
  return status_response(in, word, std::string(rest.substr(0, n)));
}

// response-data = "*" SP (resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data …) CRLF
ResponseParser::Maybe ResponseParser::untagged(Cursor& in) {
  if (in.peek() >= '0' && in.peek() <= '9') return numbered(in);
  std::string_view word;
  if (in.peek() == '-' || in.peek() == '+') return in.fail("a number without a sign"), std::nullopt;
  if (!in.atom(word)) return std::nullopt;
  if (status_of(word)) return status_response(in, word, "");
  const auto is = [&](std::string_view name) { return ascii_iequals(word, name); };
  if (is("LIST")) return list(in, false);
  if (is("LSUB")) return list(in, true);
  if (is("STATUS")) return status(in);
  if (is("SEARCH") || is("ESEARCH") || is("VANISHED")) {
    set_ = is("SEARCH") ? Set::search : is("ESEARCH") ? Set::esearch : Set::vanished;
    return set_begin(in) ? set_end(in) : std::nullopt;
  }
  if (is("CAPABILITY")) return capability(in);
  if (is("ENABLED")) return enabled(in);
  if (is("NAMESPACE")) return name_space(in);
  if (is("FLAGS")) return flags(in);
  if (is("QUOTAROOT") || is("QUOTA")) return quota(in, is("QUOTAROOT"));
  if (is("ID")) return id(in);
  if (is("UIDFETCH")) {
    std::uint32_t uid = 0;
    rule_ = "UIDFETCH";
    if (!in.sp() || !in.nz_number32(uid) || !in.sp()) return std::nullopt;
    fetch_.begin(0, Uid(uid));
    return fetch_end(in);
  }
  quirks_.add(Quirk::unknown_response);
  constexpr std::size_t kKeyword = 64;
  return UnknownData{std::string(word.substr(0, kKeyword))};
}

// message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att)); mailbox-data = number SP ("EXISTS" / "RECENT")
ResponseParser::Maybe ResponseParser::numbered(Cursor& in) {
  rule_ = "numbered response";
  std::uint32_t number = 0;
  std::string_view word;
  if (!in.number32(number) || !in.sp() || !in.atom(word)) return std::nullopt;
  if (ascii_iequals(word, "FETCH")) {
    rule_ = "FETCH";
    if (number == 0) return in.fail("a number above 0"), std::nullopt;
    if (!in.sp()) return std::nullopt;
    fetch_.begin(number, std::nullopt);
    return fetch_end(in);
  }
  if (ascii_iequals(word, "EXISTS")) return in.end() ? Maybe(ExistsData{number}) : std::nullopt;
  if (ascii_iequals(word, "RECENT")) return in.end() ? Maybe(RecentData{number}) : std::nullopt;
  if (ascii_iequals(word, "EXPUNGE")) {
    if (number == 0) return in.fail("a number above 0"), std::nullopt;
    return in.end() ? Maybe(ExpungeData{number}) : std::nullopt;
  }
  quirks_.add(Quirk::unknown_response);
  return UnknownData{std::string(word.substr(0, 64))};
}

ResponseParser::Maybe ResponseParser::fetch_end(Cursor& in) {
  rule_ = "FETCH";
  if (!fetch_.read_to_end(in) || !in.end()) return std::nullopt;
  return fetch_.take_data();
}

// resp-text = ["[" resp-text-code "]" SP] [text]
ResponseParser::Maybe ResponseParser::status_response(Cursor& in, std::string_view word, std::string tag) {
  rule_ = "status response";
  StatusResponse out;
  out.tag = std::move(tag);
  out.status = *status_of(word);
  if (in.at_end() || !in.take(' ')) {
    if (!in.at_end()) return in.fail("SP"), std::nullopt;
    quirks_.add(Quirk::missing_text);
    return out;
  }
  if (in.take('[')) {
    if (!read_code(in, out.code)) return std::nullopt;
    in.take(' ');
  }
  out.text = text(in);
  return out;
}

std::string ResponseParser::text(Cursor& in) {
  std::string out(in.rest().substr(0, limits_.text));
  in.advance(in.rest().size());
  return out;
}

// capability-data = "CAPABILITY" *(SP capability)
ResponseParser::Maybe ResponseParser::capability(Cursor& in) {
  rule_ = "CAPABILITY";
  std::vector<std::string> names;
  if (!read_capabilities(in, names) || !in.end()) return std::nullopt;
  return CapabilityData{Capabilities(std::move(names))};
}

// enable-data = "ENABLED" *(SP capability)
ResponseParser::Maybe ResponseParser::enabled(Cursor& in) {
  rule_ = "ENABLED";
  std::vector<std::string> names;
  if (!read_capabilities(in, names) || !in.end()) return std::nullopt;
  for (std::string& name : names) name = ascii_upper(name);
  return EnabledData{std::move(names)};
}

// id-response = "ID" SP (nil / "(" [string SP nstring *(SP string SP nstring)] ")")
ResponseParser::Maybe ResponseParser::id(Cursor& in) {
  rule_ = "ID";
  constexpr std::size_t kFields = 100;
  IdData out;
  if (!in.sp()) return std::nullopt;
  if (in.take_nil()) return in.end() ? Maybe(std::move(out)) : std::nullopt;
  if (!in.open()) return std::nullopt;
  while (!in.close()) {
    if (!out.fields.empty() && !in.sp()) return std::nullopt;
    if (out.fields.size() >= kFields) return in.fail("fewer ID fields"), std::nullopt;
    auto& [key, value] = out.fields.emplace_back();
    std::optional<std::string> text;
    if (!in.string(key) || !in.sp() || !in.nstring(text)) return std::nullopt;
    value = text.value_or("");
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

}  // namespace postern::imap
