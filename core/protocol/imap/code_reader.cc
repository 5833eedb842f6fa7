#include "core/protocol/imap/code_reader.h"

#include <algorithm>

#include "core/protocol/imap/code_names.h"
#include "core/protocol/imap/fetch_reader.h"
#include "core/protocol/imap/set_reader.h"

namespace postern::imap {
namespace {

CodeKind kind_of(std::string_view name) {
  const std::string upper = ascii_upper(name);
  const auto found =
      std::lower_bound(kCodeNames.begin(), kCodeNames.end(), upper,
                       [](const auto& entry, const std::string& wanted) { return entry.first < wanted; });
  return found != kCodeNames.end() && found->first == upper ? found->second : CodeKind::unknown;
}

// "UIDVALIDITY" SP nz-number; 0 is sent by broken servers and means that there is none
bool read_number32(Cursor& in, Quirk zero, ResponseCode& out) {
  std::uint32_t value = 0;
  if (!in.sp() || !in.number32(value)) return false;
  if (value == 0) in.quirks().add(zero);
  out.value = std::uint64_t{value};
  return true;
}

bool read_number64(Cursor& in, ResponseCode& out) {
  std::uint64_t value = 0;
  if (!in.sp() || !in.number64(value)) return false;
  out.value = value;
  return true;
}

bool read_text(Cursor& in, ResponseCode& out) {
  std::string text;
  while (!in.at_end() && in.peek() != ']') {
    text.push_back(in.peek());
    in.take(in.peek());
  }
  out.value = std::string(text.starts_with(' ') ? text.substr(1) : text);
  return true;
}

// "APPENDUID" SP nz-number SP uid-set
bool read_append_uid(Cursor& in, ResponseCode& out) {
  std::uint32_t uidvalidity = 0;
  AppendUid code;
  if (!in.sp() || !in.nz_number32(uidvalidity) || !in.sp() || !read_ranges(in, code.uids)) return false;
  code.uidvalidity = UidValidity(uidvalidity);
  out.value = std::move(code);
  return true;
}

// "COPYUID" SP nz-number SP uid-set SP uid-set
bool read_copy_uid(Cursor& in, ResponseCode& out) {
  std::uint32_t uidvalidity = 0;
  CopyUid code;
  if (!in.sp() || !in.nz_number32(uidvalidity) || !in.sp() || !read_ranges(in, code.source) || !in.sp() ||
      !read_ranges(in, code.target)) {
    return false;
  }
  const auto count = [](const std::vector<UidRange>& ranges) {
    std::uint64_t total = 0;
    for (const UidRange& range : ranges) total += range.size();
    return total;
  };
  if (count(code.source) != count(code.target)) return in.fail("as many target UIDs as source UIDs");
  code.uidvalidity = UidValidity(uidvalidity);
  out.value = std::move(code);
  return true;
}

// "MESSAGELIMIT" SP nz-number [SP uniqueid]
bool read_message_limit(Cursor& in, ResponseCode& out) {
  MessageLimit code;
  if (!in.sp() || !in.nz_number32(code.limit)) return false;
  if (in.peek() == ' ') {
    std::uint32_t lowest = 0;
    if (!in.sp() || !in.nz_number32(lowest)) return false;
    code.lowest = Uid(lowest);
  }
  out.value = code;
  return true;
}

bool read_arguments(Cursor& in, ResponseCode& out) {
  switch (out.kind) {
    case CodeKind::uid_validity:
      return read_number32(in, Quirk::uidvalidity_zero, out);
    case CodeKind::uid_next:
      return read_number32(in, Quirk::uidnext_zero, out);
    case CodeKind::unseen:
      return read_number64(in, out);
    case CodeKind::highest_modseq:
      return read_number64(in, out);
    case CodeKind::append_limit:
      return in.peek() == ']' || read_number64(in, out);
    case CodeKind::append_uid:
      return read_append_uid(in, out);
    case CodeKind::copy_uid:
      return read_copy_uid(in, out);
    case CodeKind::message_limit:
      return read_message_limit(in, out);
    case CodeKind::capability: {
      std::vector<std::string> names;
      if (!read_capabilities(in, names)) return false;
      out.value = Capabilities(std::move(names));
      return true;
    }
    case CodeKind::permanent_flags: {
      PermanentFlags code;
      if (!in.sp() || !read_flags(in, code.flags, in.limits().mailbox_flags, &code.any_keyword)) return false;
      out.value = std::move(code);
      return true;
    }
    case CodeKind::modified: {
      RangeCollector collector;
      if (!in.sp() || !read_set(in, collector)) return false;
      out.value = collector.take();
      return true;
    }
    case CodeKind::mailbox_id: {  // "MAILBOXID" SP "(" objectid ")"
      std::string id;
      if (!in.sp() || !in.objectid(id)) return false;
      out.value = std::move(id);
      return true;
    }
    default:
      return read_text(in, out);
  }
}

}  // namespace

bool read_capabilities(Cursor& in, std::vector<std::string>& out) {
  while (in.take(' ')) {
    if (in.at_end() || in.peek() == ']') {
      in.quirks().add(Quirk::trailing_space);
      break;
    }
    if (in.peek() == ' ') {
      in.quirks().add(Quirk::extra_space);
      continue;
    }
    std::string_view name;
    if (!in.atom(name)) return false;
    if (out.size() >= in.limits().capabilities) return in.fail("fewer capabilities");
    out.emplace_back(name);
  }
  return true;
}

bool read_code(Cursor& in, ResponseCode& out) {
  const ByteView code = in.rest();
  std::string_view name;
  if (!in.atom(name)) return false;
  out.kind = kind_of(name);
  Cursor attempt(in.rest(), in.limits(), in.quirks());
  if (read_arguments(attempt, out) && attempt.peek() == ']') {
    in.advance(in.rest().size() - attempt.rest().size() + 1);
  } else {
    if (out.kind == CodeKind::append_uid || out.kind == CodeKind::copy_uid) return in.fail("UID sets that agree");
    if (out.kind == CodeKind::capability) return in.fail("a list of capabilities");
    const auto close = in.rest().find(']');
    if (close == ByteView::npos) return in.fail("\"]\"");
    in.quirks().add(Quirk::malformed_code);
    in.advance(close + 1);
    // That the answer was cut short must not be forgotten, however badly it was said.
    out = out.kind == CodeKind::message_limit ? ResponseCode{CodeKind::message_limit, MessageLimit{}} : ResponseCode{};
    return true;
  }
  const std::size_t length = code.size() - in.rest().size() - 1;
  if (out.kind == CodeKind::unknown) {
    if (length > in.limits().code) return in.fail("a shorter response code");
    in.quirks().add(Quirk::unknown_code);
    out.value = std::string(code.substr(0, length));
  }
  if (std::holds_alternative<std::string>(out.value)) {
    if (length > in.limits().code) return in.fail("a shorter response code");
    if (out.text().empty()) out.value = std::monostate{};
  }
  return true;
}

}  // namespace postern::imap
