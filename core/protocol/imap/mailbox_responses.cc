// ResponseParser: LIST, LSUB, STATUS, NAMESPACE, FLAGS.

#include "core/protocol/imap/response_parser.h"

namespace postern::imap {

bool ResponseParser::mailbox(Cursor& in, char delimiter, MailboxName& out) {
  std::string wire;
  if (!in.astring(wire)) return false;
  if (wire.size() > limits_.mailbox_name) return in.fail("a shorter mailbox name");
  if (wire.find('\0') != std::string::npos) return in.fail("a mailbox name without NUL");
  out = MailboxName::from_wire(wire, delimiter, utf8_);
  return true;
}

// DQUOTE QUOTED-CHAR DQUOTE / nil
bool ResponseParser::delimiter(Cursor& in, char& out) {
  out = '\0';
  if (in.take_nil()) return true;
  std::string text;
  if (in.peek() != '"') return in.fail("a hierarchy delimiter or NIL");
  if (!in.string(text)) return false;
  if (text.size() > 1) return in.fail("a hierarchy delimiter of one character");
  if (!text.empty()) out = text.front();
  return true;
}

// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
ResponseParser::Maybe ResponseParser::list(Cursor& in, bool lsub) {
  rule_ = lsub ? "LSUB" : "LIST";
  constexpr std::size_t kAttributes = 100;
  ListData out;
  out.lsub = lsub;
  if (!in.sp() || !in.open()) return std::nullopt;
  while (!in.close()) {
    std::string_view attribute;
    if (!out.attributes.empty() && !in.sp()) return std::nullopt;
    if (out.attributes.size() >= kAttributes) return in.fail("fewer attributes"), std::nullopt;
    if (!in.flag_token(attribute)) return std::nullopt;
    if (attribute.size() > limits_.flag_length) return in.fail("a shorter attribute"), std::nullopt;
    out.attributes.emplace_back(attribute);
  }
  char delim = '\0';
  if (!in.sp() || !delimiter(in, delim) || !in.sp() || !mailbox(in, delim, out.name)) return std::nullopt;
  if (!in.at_end() && in.rest().find_first_not_of(' ') != ByteView::npos) {
    if (!in.sp() || !in.open()) return std::nullopt;
    std::size_t elements = 0;
    while (!in.close()) {
      if (elements != 0 && !in.sp()) return std::nullopt;
      if (++elements > limits_.list_elements) return in.fail("a shorter list"), std::nullopt;
      if (!list_extension(in, out)) return std::nullopt;
    }
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

// mbox-list-extended-item = astring SP tagged-ext-val; CHILDINFO, OLDNAME (RFC 5258, 9051)
bool ResponseParser::list_extension(Cursor& in, ListData& out) {
  constexpr std::size_t kValues = 100;
  std::string name;
  if (!in.astring(name) || !in.sp()) return false;
  if (ascii_iequals(name, "OLDNAME")) {
    return in.open() && mailbox(in, out.name.delimiter(), out.old_name.emplace()) && (in.close() || in.fail("\")\""));
  }
  if (!ascii_iequals(name, "CHILDINFO")) return in.skip_value();
  if (!in.open()) return false;
  while (!in.close()) {
    if (!out.child_info.empty() && !in.sp()) return false;
    if (out.child_info.size() >= kValues) return in.fail("fewer CHILDINFO values");
    if (!in.astring(out.child_info.emplace_back())) return false;
  }
  return true;
}

// "STATUS" SP mailbox SP "(" [status-att-list] ")"
ResponseParser::Maybe ResponseParser::status(Cursor& in) {
  rule_ = "STATUS";
  StatusData out;
  if (!in.sp() || !mailbox(in, '\0', out.name) || !in.sp() || !in.open()) return std::nullopt;
  std::size_t elements = 0;
  while (!in.close()) {
    if (elements != 0 && !in.sp()) return std::nullopt;
    if (++elements > limits_.list_elements) return in.fail("a shorter list"), std::nullopt;
    if (!status_item(in, out)) return std::nullopt;
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

bool ResponseParser::status_item(Cursor& in, StatusData& out) {
  std::string_view name;
  if (!in.atom(name) || !in.sp()) return false;
  const auto is = [&](std::string_view word) { return ascii_iequals(name, word); };
  if (is("MESSAGES")) return in.number32(out.messages.emplace());
  if (is("RECENT")) return in.number32(out.recent.emplace());
  if (is("UNSEEN")) return in.number32(out.unseen.emplace());
  if (is("DELETED")) return in.number32(out.deleted.emplace());
  if (is("SIZE")) return in.number64(out.size.emplace());
  if (is("UIDNEXT") || is("UIDVALIDITY")) {
    std::uint32_t value = 0;
    if (!in.number32(value)) return false;
    if (is("UIDNEXT")) {
      if (value == 0) quirks_.add(Quirk::uidnext_zero);
      if (value != 0) out.uidnext = value;
    } else {
      if (value == 0) quirks_.add(Quirk::uidvalidity_zero);
      if (value != 0) out.uidvalidity = UidValidity(value);
    }
    return true;
  }
  if (is("HIGHESTMODSEQ")) {
    std::uint64_t value = 0;
    if (!in.number64(value)) return false;
    out.highestmodseq = ModSeq(value);
    return true;
  }
  if (is("APPENDLIMIT")) return in.take_nil() || in.number64(out.append_limit.emplace());
  if (is("MAILBOXID")) return in.objectid(out.mailbox_id);
  return in.skip_value();
}

// namespace-response = "NAMESPACE" SP namespace SP namespace SP namespace
ResponseParser::Maybe ResponseParser::name_space(Cursor& in) {
  rule_ = "NAMESPACE";
  NamespaceData out;
  if (!in.sp() || !namespaces(in, out.personal) || !in.sp() || !namespaces(in, out.other_users) || !in.sp() ||
      !namespaces(in, out.shared)) {
    return std::nullopt;
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

// namespace = nil / "(" 1*("(" string SP (DQUOTE QUOTED-CHAR DQUOTE / nil) [namespace-response-extensions] ")") ")"
bool ResponseParser::namespaces(Cursor& in, std::vector<Namespace>& out) {
  constexpr std::size_t kNamespaces = 1'000;
  if (in.take_nil()) return true;
  if (!in.open()) return false;
  while (!in.close()) {
    if (!out.empty() && in.peek() == ' ' && !in.sp()) return false;
    if (out.size() >= kNamespaces) return in.fail("fewer namespaces");
    Namespace& each = out.emplace_back();
    if (!in.open() || !in.string(each.prefix) || !in.sp() || !delimiter(in, each.delimiter)) return false;
    if (each.prefix.size() > limits_.mailbox_name) return in.fail("a shorter namespace prefix");
    std::size_t extensions = 0;
    while (!in.close()) {
      if (++extensions > limits_.list_elements) return in.fail("a shorter list");
      if (!in.sp() || !in.skip_value()) return false;
    }
  }
  return true;
}

// "FLAGS" SP flag-list
ResponseParser::Maybe ResponseParser::flags(Cursor& in) {
  rule_ = "FLAGS";
  FlagsData out;
  if (!in.sp() || !read_flags(in, out.flags, limits_.mailbox_flags) || !in.end()) return std::nullopt;
  return out;
}

}  // namespace postern::imap
