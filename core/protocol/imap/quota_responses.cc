// ResponseParser: QUOTAROOT and QUOTA (RFC 9208 §4.2, 2087 §5).

#include "core/protocol/imap/response_parser.h"

namespace postern::imap {
namespace {

constexpr std::size_t kRoots = 100;
constexpr std::size_t kResources = 100;

}  // namespace

/// What is known of a quota must never cost the session: what cannot be read is not stated.
ResponseParser::Maybe ResponseParser::quota(Cursor& in, bool roots) {
  Cursor attempt = in;
  Maybe read = roots ? quota_root(attempt) : quota_of_root(attempt);
  if (read) return read;
  quirks_.add(Quirk::malformed_quota);
  return UnknownData{roots ? "QUOTAROOT" : "QUOTA"};
}

// quotaroot-response = "QUOTAROOT" SP mailbox *(SP quota-root-name)
ResponseParser::Maybe ResponseParser::quota_root(Cursor& in) {
  QuotaRootData out;
  if (!in.sp() || !mailbox(in, '\0', out.mailbox)) return std::nullopt;
  while (in.rest().find_first_not_of(' ') != ByteView::npos) {
    if (out.roots.size() >= kRoots || !in.sp() || !root_name(in, out.roots.emplace_back())) return std::nullopt;
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

// quota-response = "QUOTA" SP quota-root-name SP "(" [quota-resource *(SP quota-resource)] ")"
// quota-resource = resource-name SP resource-usage SP resource-limit
ResponseParser::Maybe ResponseParser::quota_of_root(Cursor& in) {
  QuotaData out;
  if (!in.sp() || !root_name(in, out.root) || !in.sp() || !in.open()) return std::nullopt;
  while (!in.close()) {
    if (!out.resources.empty() && !in.sp()) return std::nullopt;
    if (out.resources.size() >= kResources) return std::nullopt;
    QuotaData::Resource& each = out.resources.emplace_back();
    std::string_view name;
    if (!in.atom(name) || name.size() > limits_.flag_length) return std::nullopt;
    each.name = ascii_upper(name);
    if (!in.sp() || !in.number64(each.usage) || !in.sp() || !in.number64(each.limit)) return std::nullopt;
  }
  return in.end() ? Maybe(std::move(out)) : std::nullopt;
}

bool ResponseParser::root_name(Cursor& in, std::string& out) {
  return in.astring(out) && (out.size() <= limits_.mailbox_name || in.fail("a shorter quota root"));
}

}  // namespace postern::imap
