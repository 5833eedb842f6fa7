#include "core/protocol/imap/commands/fetch.h"

#include "core/protocol/imap/encoder.h"

namespace postern::imap {
namespace {

// header-list = "(" header-fld-name *(SP header-fld-name) ")"
void encode_header_fields(const std::vector<std::string>& names, Encoder& out) {
  out.text(" BODY.PEEK[HEADER.FIELDS (");
  bool first = true;
  for (const std::string& name : names) {
    if (!first) out.text(" ");
    out.astring(name);
    first = false;
  }
  out.text(")]");
}

void encode_items(const FetchItems& items, Encoder& out) {
  // The body comes last, so that a server that keeps the order names everything else before it.
  out.text("(UID");
  if (items.flags) out.text(" FLAGS");
  if (items.internal_date) out.text(" INTERNALDATE");
  if (items.rfc822_size) out.text(" RFC822.SIZE");
  if (items.modseq) out.text(" MODSEQ");
  if (items.gmail) out.text(" X-GM-MSGID X-GM-THRID X-GM-LABELS");
  if (items.gmail_message_id && !items.gmail) out.text(" X-GM-MSGID");
  if (items.email_id) out.text(" EMAILID");
  if (items.header) out.text(" BODY.PEEK[HEADER]");
  if (!items.header_fields.empty()) encode_header_fields(items.header_fields, out);
  if (items.body) out.text(" BODY.PEEK[]");
  if (items.body && items.partial) {
    out.text("<").number(items.partial->origin).text(".").number(items.partial->count).text(">");
  }
  out.text(")");
}

}  // namespace

// uid fetch = "UID FETCH" SP sequence-set SP "(" items ")" [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
// fetch-modifier = "CHANGEDSINCE" SP n [SP "VANISHED"] / "PARTIAL" SP partial-range
void encode(const UidFetch& command, Encoder& out) {
  out.text("UID FETCH ");
  if (command.first_to_last) {
    out.number(command.first_to_last->value()).text(":4294967295");
  } else {
    out.uids(command.uids);
  }
  out.text(" ");
  encode_items(command.items, out);
  if (!command.changed_since && !command.page) return;
  out.text(" (");
  if (command.changed_since) {
    out.text("CHANGEDSINCE ").number(command.changed_since->value());
    if (command.vanished) out.text(" VANISHED");
    if (command.page) out.text(" ");
  }
  if (command.page) out.text("PARTIAL ").page(*command.page);
  out.text(")");
}

}  // namespace postern::imap
