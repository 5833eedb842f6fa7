#include "core/protocol/imap/fetch_reader.h"

#include <algorithm>

namespace postern::imap {
namespace {

/// Longest section text: header field names of our own asking.
constexpr std::size_t kSection = 4096;

bool is_system_flag(std::string_view flag) {
  static constexpr std::string_view kKnown[] = {"\\Answered", "\\Flagged", "\\Deleted",
                                                "\\Seen",     "\\Draft",   "\\Recent"};
  return std::any_of(std::begin(kKnown), std::end(kKnown),
                     [&](std::string_view each) { return ascii_iequals(each, flag); });
}

/// fetch-att names end at "[", a blank or a parenthesis.
std::string_view item_name(Cursor& in) {
  const ByteView rest = in.rest();
  std::size_t n = 0;
  while (n < rest.size() && rest[n] != '[' && is_atom_char(rest[n])) ++n;
  return rest.substr(0, n);
}

/// section = "[" [section-spec] "]"; a quoted header name may hold "]".
bool read_section(Cursor& in, std::string& out) {
  const ByteView rest = in.rest().substr(0, kSection);
  bool quoted = false;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (quoted || rest[i] != ']') continue;
    out = rest.substr(1, i - 1);
    in.advance(i + 1);
    return true;
  }
  return in.fail("\"]\"");
}

bool read_origin(Cursor& in, std::optional<std::uint64_t>& out) {
  if (!in.take('<')) return true;
  return in.number64(out.emplace()) && (in.take('>') || in.fail("\">\""));
}

}  // namespace

bool read_flags(Cursor& in, FlagSet& out, std::size_t limit, bool* any_keyword) {
  if (!in.open()) return false;
  std::size_t elements = 0;
  while (!in.close()) {
    if (elements != 0 && !in.sp()) return false;
    if (++elements > in.limits().list_elements) return in.fail("a shorter list of flags");
    std::string_view flag;
    if (!in.flag_token(flag)) return false;
    if (any_keyword != nullptr && flag == "\\*") {
      *any_keyword = true;
    } else if (elements > limit) {
      in.quirks().add(Quirk::too_many_flags);
    } else if (flag.size() > in.limits().flag_length || !is_valid_flag(flag) ||
               (flag.front() == '\\' && !is_system_flag(flag))) {
      in.quirks().add(Quirk::illegal_flag);
    } else {
      out.insert(flag);
    }
  }
  return true;
}

bool names_body_literal(ByteView text) {
  const auto brace = text.rfind('{');
  if (brace == ByteView::npos) return false;
  text = text.substr(0, brace);
  if (text.ends_with('~')) text.remove_suffix(1);
  if (!text.ends_with(' ')) return false;
  while (text.ends_with(' ')) text.remove_suffix(1);
  if (text.ends_with('>')) text = text.substr(0, text.size() > 24 ? text.find('<', text.size() - 24) : text.find('<'));
  if (text.ends_with(']')) {
    const auto open = text.substr(text.size() - std::min(text.size(), kSection)).rfind('[');
    if (open == ByteView::npos) return false;
    text = text.substr(0, text.size() - std::min(text.size(), kSection) + open);
    const auto start = text.find_last_of(" (");
    const ByteView name = text.substr(start + 1);
    return ascii_iequals(name, "BODY") || ascii_iequals(name, "BINARY");
  }
  const auto tail = text.substr(text.size() - std::min<std::size_t>(text.size(), 16));
  const ByteView name = tail.substr(tail.find_last_of(" (") + 1);
  return ascii_iequals(name, "RFC822") || ascii_iequals(name, "RFC822.HEADER") || ascii_iequals(name, "RFC822.TEXT");
}

void FetchReader::begin(std::uint32_t seq, std::optional<Uid> uid) {
  data_ = FetchData{};
  data_.seq = seq;
  data_.uid = uid;
  inline_bodies_.clear();
  active_ = true;
  opened_ = false;
  first_ = true;
}

FetchData FetchReader::take_data() {
  active_ = false;
  return std::move(data_);
}

bool FetchReader::read_to_literal(Cursor& in) {
  for (;;) {
    switch (step(in)) {
      case Step::item:
        break;
      case Step::literal:
        return true;
      case Step::end:
        return in.fail("a body section before its literal");
      case Step::failed:
        return false;
    }
  }
}

bool FetchReader::read_to_end(Cursor& in) {
  for (;;) {
    switch (step(in)) {
      case Step::item:
        break;
      case Step::literal:
        return in.fail("the whole literal");
      case Step::end:
        return true;
      case Step::failed:
        return false;
    }
  }
}

// msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"
FetchReader::Step FetchReader::step(Cursor& in) {
  if (!opened_) {
    if (!in.open()) return Step::failed;
    opened_ = true;
  }
  if (in.close()) {
    if (first_) in.quirks().add(Quirk::empty_fetch);
    return Step::end;
  }
  if (!first_ && !in.sp()) return Step::failed;
  first_ = false;
  const std::string_view name = item_name(in);
  if (name.empty()) {
    in.fail("a FETCH item");
    return Step::failed;
  }
  in.advance(name.size());
  if (in.peek() == '[') {
    std::string section;
    if (!read_section(in, section)) return Step::failed;
    if (ascii_iequals(name, "BODY") || ascii_iequals(name, "BINARY")) return body(in, std::move(section));
    in.quirks().add(Quirk::unknown_fetch_item);
    return in.sp() && in.skip_value() ? Step::item : Step::failed;
  }
  if (ascii_iequals(name, "RFC822")) return body(in, "");
  if (ascii_iequals(name, "RFC822.HEADER")) return body(in, "HEADER");
  if (ascii_iequals(name, "RFC822.TEXT")) return body(in, "TEXT");
  return in.sp() && item(in, name) ? Step::item : Step::failed;
}

// "BODY" section ["<" number ">"] SP nstring
FetchReader::Step FetchReader::body(Cursor& in, std::string section) {
  if (data_.sections.size() >= in.limits().literals) {
    in.fail("fewer body sections");
    return Step::failed;
  }
  BodySection& out = data_.sections.emplace_back();
  out.section = std::move(section);
  if (!read_origin(in, out.origin) || !in.sp()) return Step::failed;
  if (in.at_streamed_literal()) return in.streamed_literal(out.size) ? Step::literal : Step::failed;
  std::optional<std::string> octets;
  if (!in.nstring(octets)) return Step::failed;
  out.nil = !octets.has_value();
  if (octets) {
    out.size = octets->size();
    inline_bodies_.emplace_back(data_.sections.size() - 1, std::move(*octets));
  }
  return Step::item;
}

bool FetchReader::item(Cursor& in, std::string_view name) {
  const auto is = [&](std::string_view word) { return ascii_iequals(name, word); };
  if (is("UID")) {
    std::uint32_t uid = 0;
    if (!in.nz_number32(uid)) return false;
    if (data_.uid && data_.uid->value() != uid) return in.fail("one UID");
    data_.uid = Uid(uid);
    return true;
  }
  if (is("FLAGS")) return read_flags(in, data_.flags.emplace(), in.limits().flags);
  if (is("INTERNALDATE")) return internal_date(in);
  if (is("RFC822.SIZE")) {
    if (in.take_nil()) {
      in.quirks().add(Quirk::size_nil);
      return true;
    }
    return in.number64(data_.rfc822_size.emplace());
  }
  if (is("MODSEQ")) {  // "(" mod-sequence-value ")"
    std::uint64_t modseq = 0;
    if (!in.open() || !in.number64(modseq)) return false;
    if (modseq == 0) in.quirks().add(Quirk::modseq_zero);
    if (modseq != 0) data_.modseq = ModSeq(modseq);
    return in.close() || in.fail("\")\"");
  }
  if (is("X-GM-MSGID")) return in.number64(data_.gmail_message_id.emplace());
  if (is("X-GM-THRID")) return in.number64(data_.gmail_thread_id.emplace());
  if (is("X-GM-LABELS")) return labels(in);
  if (is("EMAILID")) return object_id(in, data_.email_id);
  if (is("THREADID")) return object_id(in, data_.thread_id);
  in.quirks().add(Quirk::unknown_fetch_item);
  return in.skip_value();
}

bool FetchReader::internal_date(Cursor& in) {
  constexpr std::size_t kLongest = 64;
  std::optional<std::string> text;
  if (!in.nstring(text)) return false;
  if (text) {
    if (auto date = InternalDate::parse(*text)) {
      data_.internal_date = *date;
      return true;
    }
    data_.internal_date_text = text->substr(0, kLongest);
  }
  in.quirks().add(Quirk::internaldate_invalid);
  return true;
}

// "(" [astring *(SP astring)] ")", with "\Inbox" and the like as atoms (X-GM-EXT-1)
bool FetchReader::labels(Cursor& in) {
  auto& out = data_.gmail_labels.emplace();
  if (in.take_nil()) return true;
  if (!in.open()) return false;
  while (!in.close()) {
    if (!out.empty() && !in.sp()) return false;
    if (out.size() >= in.limits().list_elements) return in.fail("fewer labels");
    std::string_view token;
    if (in.peek() == '"' || in.peek() == '{') {
      if (!in.string(out.emplace_back())) return false;
    } else if (in.flag_token(token)) {
      out.emplace_back(token);
    } else {
      return false;
    }
  }
  return true;
}

// "(" objectid ")" (RFC 8474); THREADID may be NIL
bool FetchReader::object_id(Cursor& in, std::string& out) {
  constexpr std::size_t kLongest = 255;
  if (in.take_nil()) return true;
  std::string_view id;
  if (!in.open() || !in.atom(id)) return false;
  out = id.substr(0, kLongest);
  return in.close() || in.fail("\")\"");
}

}  // namespace postern::imap
