// ResponseParser: SEARCH, ESEARCH, VANISHED, whole and in pieces.

#include <utility>

#include "core/protocol/imap/response_parser.h"

namespace postern::imap {

Result<std::size_t> ResponseParser::long_line(ByteView octets) {
  if (fetch_.active()) return std::size_t{0};
  std::size_t head = 0;
  if (set_ == Set::none) {
    if (!ascii_istarts_with(octets, "* SEARCH ") && !ascii_istarts_with(octets, "* ESEARCH ") &&
        !ascii_istarts_with(octets, "* VANISHED ")) {
      return std::size_t{0};
    }
    Cursor in(octets, limits_, quirks_);
    in.advance(2);
    set_ = in.take_word("SEARCH") ? Set::search : in.take_word("ESEARCH") ? Set::esearch : Set::vanished;
    if (set_ == Set::vanished) in.take_word("VANISHED");
    if (!set_begin(in)) return fail(in.error(rule_));
    head = octets.size() - in.rest().size();
  }
  if (set_ != Set::search && !in_set_) return head;
  const ByteView body = octets.substr(head);
  // A number that touches the end may go on in the next piece: cut behind the last separator.
  const auto cut = body.rfind(set_ == Set::search ? ' ' : ',');
  if (cut == ByteView::npos || body.find_first_not_of("0123456789:,* ") < cut) return head;
  if (set_ == Set::search) {
    Cursor in(body.substr(0, cut), limits_, quirks_);
    while (!in.at_end()) {
      UidRange range;
      if (!in.sp() || !in.nz_number32(range.first)) return fail(in.error("SEARCH"));
      range.last = range.first;
      if (!ranges_.add(range, limits_.set_ranges)) return fail(ErrorKind::protocol, "SEARCH: too many results");
    }
    return head + cut;
  }
  if (body.find(' ') < cut) return head;
  Cursor in(body.substr(0, cut + 1), limits_, quirks_);
  if (!read_set(in, in_page_ ? page_ : ranges_, true, set_ == Set::vanished)) return fail(in.error(rule_));
  return head + cut + 1;
}

/// Behind the keyword, up to where numbers begin.
bool ResponseParser::set_begin(Cursor& in) {
  ranges_ = {};
  page_ = {};
  search_ = {};
  in_set_ = in_page_ = false;
  vanished_earlier_ = false;
  switch (set_) {
    case Set::none:
    case Set::search:
      rule_ = "SEARCH";
      return true;
    case Set::esearch:
      rule_ = "ESEARCH";
      return esearch_head(in);
    case Set::vanished:  // "VANISHED" [SP "(EARLIER)"] SP known-uids
      rule_ = "VANISHED";
      if (!in.sp()) return false;
      if (in.peek() == '(') {
        if (!in.open() || !in.take_word("EARLIER") || !in.close() || !in.sp()) return in.fail("(EARLIER)");
        vanished_earlier_ = true;
      }
      in_set_ = true;
      return true;
  }
  return false;
}

// esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)
bool ResponseParser::esearch_head(Cursor& in) {
  search_.extended = true;
  while (!in.at_end() && !in_set_) {
    std::string_view name;
    if (in.rest().find_first_not_of(' ') == ByteView::npos) return true;
    if (!in.sp()) return false;
    if (in.peek() == '(') {  // search-correlator = SP "(" "TAG" SP tag-string ")"
      if (!in.open() || !in.take_word("TAG") || !in.sp() || !in.astring(search_.tag)) return in.fail("(TAG \"…\")");
      if (!in.close()) return in.fail("\")\"");
      continue;
    }
    if (!in.atom(name)) return false;
    if (ascii_iequals(name, "UID")) {
      search_.uid = true;
      continue;
    }
    if (!in.sp()) return false;
    if (ascii_iequals(name, "ALL")) {
      in_set_ = true;
    } else if (ascii_iequals(name, "PARTIAL")) {
      if (!esearch_page(in)) return false;
    } else if (!esearch_item(in, name)) {
      return false;
    }
  }
  return true;
}

// ret-data-partial = "PARTIAL" SP "(" partial-range SP (sequence-set / "NIL") ")", up to where the set begins
bool ResponseParser::esearch_page(Cursor& in) {
  if (search_.page) return in.fail("one PARTIAL");
  if (!in.open() || !read_partial_range(in, search_.page.emplace().range) || !in.sp()) return false;
  if (in.take_nil()) return in.close() || in.fail("\")\"");
  in_set_ = in_page_ = true;
  return true;
}

// search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "COUNT" SP number / "MODSEQ" SP mod-sequence-value
bool ResponseParser::esearch_item(Cursor& in, std::string_view name) {
  if (ascii_iequals(name, "MIN")) return in.nz_number32(search_.min.emplace());
  if (ascii_iequals(name, "MAX")) return in.nz_number32(search_.max.emplace());
  if (ascii_iequals(name, "COUNT")) return in.number32(search_.count.emplace());
  if (ascii_iequals(name, "MODSEQ")) {
    std::uint64_t modseq = 0;
    if (!in.number64(modseq)) return false;
    search_.modseq = ModSeq(modseq);
    return true;
  }
  return in.skip_value();
}

ResponseParser::Maybe ResponseParser::set_end(Cursor& in) {
  const Set set = std::exchange(set_, Set::none);
  rule_ = set == Set::search ? "SEARCH" : set == Set::esearch ? "ESEARCH" : "VANISHED";
  if (set == Set::vanished) {
    if (!read_set(in, ranges_, false, true) || !in.end()) return std::nullopt;
    return VanishedData{vanished_earlier_, ranges_.take()};
  }
  if (set == Set::esearch) {
    while (in_set_) {
      if (!read_set(in, in_page_ ? page_ : ranges_)) return std::nullopt;
      if (in_page_ && !in.close()) return in.fail("\")\""), std::nullopt;
      in_set_ = in_page_ = false;
      if (!in.at_end() && !esearch_head(in)) return std::nullopt;
    }
    if (!in.end()) return std::nullopt;
    search_.all = ranges_.take();
    if (search_.page) search_.page->uids = page_.take();
    return std::move(search_);
  }
  // "SEARCH" *(SP nz-number) [SP "(" "MODSEQ" SP mod-sequence-value ")"]
  while (in.peek() == ' ' && in.rest().find_first_not_of(' ') != ByteView::npos) {
    if (!in.sp()) return std::nullopt;
    if (in.peek() == '(') {
      std::uint64_t modseq = 0;
      if (!in.open() || !in.take_word("MODSEQ") || !in.sp() || !in.number64(modseq))
        return in.fail("(MODSEQ n)"), std::nullopt;
      if (!in.close()) return in.fail("\")\""), std::nullopt;
      search_.modseq = ModSeq(modseq);
      break;
    }
    UidRange range;
    if (!in.nz_number32(range.first)) return std::nullopt;
    range.last = range.first;
    if (!ranges_.add(range, limits_.set_ranges)) return in.fail("a shorter result"), std::nullopt;
  }
  if (!in.end()) return std::nullopt;
  search_.all = ranges_.take();
  return std::move(search_);
}

}  // namespace postern::imap
