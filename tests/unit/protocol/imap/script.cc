#include "tests/unit/protocol/imap/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

namespace postern::testing {
namespace {

using namespace postern::imap;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string code_text(const ResponseCode& code) {
  if (!code) return "";
  std::string out = " [" + std::string(to_string(code.kind));
  if (code.number() != 0) out += " " + number(code.number());
  if (!code.text().empty()) out += " " + std::string(code.text());
  if (const auto* appended = code.append_uid())
    out += " " + number(appended->uidvalidity.value()) + " " + number(appended->count());
  if (const auto* limit = code.message_limit()) {
    out += " " + number(limit->limit) + (limit->lowest ? " " + number(limit->lowest->value()) : "");
  }
  if (const auto* set = code.uids()) out += " " + set->to_string();
  if (const auto* flags = std::get_if<PermanentFlags>(&code.value)) {
    out += " (" + flags->flags.to_string() + ")" + (flags->any_keyword ? "*" : "");
  }
  return out + "]";
}

std::string namespaces(const std::vector<Namespace>& list) {
  std::string out = "(";
  for (const Namespace& each : list)
    out += "\"" + each.prefix + "\"" + std::string(1, each.delimiter == 0 ? '0' : each.delimiter);
  return out + ")";
}

template <class T>
std::string field(std::string_view name, const std::optional<T>& value) {
  if (!value) return "";
  if constexpr (std::is_integral_v<T>) {
    return " " + std::string(name) + "=" + number(*value);
  } else {
    return " " + std::string(name) + "=" + number(value->value());
  }
}

struct DescribeResponse {
  std::string operator()(const StatusResponse& r) const {
    return (r.tag.empty() ? "" : r.tag + " ") + std::string(to_string(r.status)) + code_text(r.code) + " " + r.text;
  }
  std::string operator()(const ContinuationRequest& r) const { return "+ " + r.text; }
  std::string operator()(const CapabilityData& r) const {
    std::string out = "CAPABILITY";
    for (const auto& name : r.capabilities.names()) out += " " + name;
    return out;
  }
  std::string operator()(const EnabledData& r) const {
    std::string out = "ENABLED";
    for (const auto& name : r.names) out += " " + name;
    return out;
  }
  std::string operator()(const ListData& r) const {
    std::string out = r.lsub ? "LSUB (" : "LIST (";
    for (const auto& attribute : r.attributes) out += attribute + ",";
    out += ") " + std::string(1, r.name.delimiter() == 0 ? '0' : r.name.delimiter()) + " " + r.name.wire();
    if (r.old_name) out += " old=" + r.old_name->wire();
    for (const auto& info : r.child_info) out += " child=" + info;
    return out;
  }
  std::string operator()(const StatusData& r) const {
    return "STATUS " + r.name.wire() + field("messages", r.messages) + field("uidnext", r.uidnext) +
           field("uidvalidity", r.uidvalidity) + field("highestmodseq", r.highestmodseq) + field("size", r.size) +
           field("unseen", r.unseen) + field("appendlimit", r.append_limit) +
           (r.mailbox_id.empty() ? "" : " id=" + r.mailbox_id);
  }
  std::string operator()(const QuotaRootData& r) const {
    std::string out = "QUOTAROOT " + r.mailbox.display();
    for (const std::string& root : r.roots) out += ":" + root;
    return out;
  }
  std::string operator()(const QuotaData& r) const {
    std::string out = "QUOTA " + r.root;
    for (const auto& one : r.resources) {
      out += " " + one.name + "=" + std::to_string(one.usage) + "/" + std::to_string(one.limit);
    }
    return out;
  }
  std::string operator()(const NamespaceData& r) const {
    return "NAMESPACE " + namespaces(r.personal) + namespaces(r.other_users) + namespaces(r.shared);
  }
  std::string operator()(const SearchData& r) const {
    std::string page;
    if (r.page) {
      const std::string sign = r.page->range.from_end ? "-" : "";
      page = " page=" + sign + number(r.page->range.first) + ":" + sign + number(r.page->range.last) + "(" +
             r.page->uids.to_string() + ")";
    }
    return std::string(r.extended ? "ESEARCH" : "SEARCH") + (r.uid ? " uid " : " ") + r.all.to_string() + page +
           field("min", r.min) + field("max", r.max) + field("count", r.count) + field("modseq", r.modseq);
  }
  std::string operator()(const FlagsData& r) const { return "FLAGS (" + r.flags.to_string() + ")"; }
  std::string operator()(const ExistsData& r) const { return number(r.messages) + " EXISTS"; }
  std::string operator()(const RecentData& r) const { return number(r.messages) + " RECENT"; }
  std::string operator()(const ExpungeData& r) const { return number(r.seq) + " EXPUNGE"; }
  std::string operator()(const VanishedData& r) const {
    return std::string("VANISHED") + (r.earlier ? " earlier " : " ") + r.uids.to_string();
  }
  std::string operator()(const FetchData& r) const {
    std::string out = number(r.seq) + " FETCH" + field("uid", r.uid);
    if (r.flags) out += " flags=(" + r.flags->to_string() + ")";
    if (r.internal_date) out += " date=" + r.internal_date->to_rfc3339();
    if (!r.internal_date_text.empty()) out += " date?=" + r.internal_date_text;
    out += field("size", r.rfc822_size) + field("modseq", r.modseq) + field("msgid", r.gmail_message_id) +
           field("thrid", r.gmail_thread_id);
    if (r.gmail_labels) {
      out += " labels=(";
      for (const auto& label : *r.gmail_labels) out += label + ",";
      out += ")";
    }
    if (!r.email_id.empty()) out += " emailid=" + r.email_id;
    if (!r.thread_id.empty()) out += " threadid=" + r.thread_id;
    for (const auto& section : r.sections) {
      out += " [" + section.section + "]" + field("origin", section.origin) +
             (section.nil ? "=NIL" : "=" + number(section.size));
    }
    return out;
  }
  std::string operator()(const IdData& r) const {
    std::string out = "ID";
    for (const auto& [key, value] : r.fields) out += " " + key + "=" + value;
    return out;
  }
  std::string operator()(const UnknownData& r) const { return "unknown " + r.keyword; }
};

struct DescribeEvent {
  std::string operator()(const Greeting& e) const {
    return std::string(e.preauth ? "greeting preauth " : "greeting ") + e.text;
  }
  std::string operator()(const Untagged& e) const { return "#" + number(e.command.value()) + " " + describe(e.data); }
  std::string operator()(const LiteralChunk&) const { return ""; }
  std::string operator()(const Fetched& e) const {
    return "#" + number(e.command.value()) + " " + describe(Response(e.data));
  }
  std::string operator()(const Tagged& e) const {
    std::string out = "done #" + number(e.command.value()) + " " + std::string(to_string(e.status)) +
                      code_text(e.code) + " " + e.text;
    if (e.error) out += " -> " + std::string(to_string(e.error->kind()));
    return out + (e.wants_patience ? " (patience)" : "");
  }
  std::string operator()(const Continuation& e) const {
    return e.purpose == Continuation::For::idle ? "idling" : "challenge " + e.challenge;
  }
  std::string operator()(const BodyWanted& e) const {
    return "wants body " + number(e.index) + " of #" + number(e.command.value()) + ": " + number(e.size);
  }
  std::string operator()(const HandOver& e) const {
    return e.to == HandOver::To::tls ? "hand over to tls" : "hand over to deflate";
  }
  std::string operator()(const Bye& e) const {
    return "bye " + e.text + (e.error ? " -> " + std::string(to_string(e.error->kind())) : "");
  }
  std::string operator()(const Closed&) const { return "closed"; }
  std::string operator()(const Fatal& e) const {
    return "fatal " + std::string(to_string(e.error.kind())) + ": " + e.error.to_string();
  }
};

}  // namespace

std::string describe(const Event& event) { return std::visit(DescribeEvent{}, event); }
std::string describe(const Response& response) { return std::visit(DescribeResponse{}, response); }

SessionOptions plain_options() {
  SessionOptions options;
  options.tag_seed = 7;
  return options;
}

UidFetch fetch_bodies(UidSet uids) {
  UidFetch fetch;
  fetch.uids = std::move(uids);
  fetch.items.flags = true;
  fetch.items.body = true;
  return fetch;
}

Script::Script(SessionOptions options) : session(std::move(options)) {}

Script& Script::segments(std::size_t octets) {
  segment_ = octets;
  return *this;
}

Script& Script::cut_at(std::size_t octets) {
  cut_ = octets;
  return *this;
}

std::string Script::tag(std::size_t command) const { return tags_.at(command - 1); }

void Script::drain() {
  while (auto event = session.next_event()) note(std::move(*event));
  const ByteView out = session.output();
  out_.append(out);
  session.consume_output(out.size());
}

CommandId Script::send(Command command) {
  const auto id = session.enqueue(std::move(command));
  EXPECT_TRUE(id.has_value()) << (id ? "" : id.error().to_string());
  if (!id) return kNoCommand;
  drain();
  return *id;
}

std::string Script::with_tags(std::string_view text) const {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9') {
      const auto index = static_cast<std::size_t>(text[++i] - '1');
      out += index < tags_.size() ? tags_[index] : "T" + std::to_string(index);
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

void Script::feed(std::string_view octets) {
  while (!octets.empty()) {
    std::size_t count = segment_ == 0 ? octets.size() : std::min(segment_, octets.size());
    if (cut_ > fed_) count = std::min(count, cut_ - fed_);
    // A copy of its own, freed afterwards: a view that outlives it is then found by the address sanitizer.
    const std::string piece(octets.substr(0, count));
    session.feed(piece);
    drain();
    fed_ += count;
    octets.remove_prefix(count);
  }
}

Script& Script::server(std::string_view octets) {
  // Tags are learnt from what has been written: a line that begins with a tag and a blank.
  for (std::size_t at = 0; at < out_.size();) {
    const auto end = out_.find("\r\n", at);
    const auto line = std::string_view(out_).substr(at, end == std::string::npos ? end : end - at);
    const auto blank = line.find(' ');
    const bool is_tag = blank == 8 || blank == 9;
    if (is_tag && line.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == blank) {
      const std::string tag(line.substr(0, blank));
      if (tag.back() >= '0' && tag.back() <= '9' && std::find(tags_.begin(), tags_.end(), tag) == tags_.end())
        tags_.push_back(tag);
    }
    if (end == std::string::npos) break;
    at = end + 2;
  }
  feed(with_tags(octets));
  return *this;
}

Script& Script::log_in(std::string_view capabilities) {
  server("* OK ready\r\n");
  send(Login{"user", Secret("secret")});
  server("$1 OK [CAPABILITY " + std::string(capabilities) + "] in\r\n");
  written();
  events();
  return *this;
}

Script& Script::select(std::string_view capabilities, std::size_t exists) {
  log_in(capabilities);
  send(Select{box("INBOX"), true, false, std::nullopt});
  server("* FLAGS (\\Seen)\r\n* " + std::to_string(exists) +
         " EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 100] n\r\n$2 OK [READ-ONLY] selected\r\n");
  written();
  events();
  return *this;
}

void Script::note(Event event) {
  if (const auto* chunk = std::get_if<LiteralChunk>(&event)) {
    if (chunk->offset == 0) body_.clear();
    EXPECT_EQ(chunk->offset, body_.size());
    body_.append(chunk->octets);
    if (chunk->last) {
      EXPECT_EQ(chunk->size, body_.size());
      events_.push_back("#" + std::to_string(chunk->command.value()) + " body [" + std::string(chunk->section) + "] " +
                        body_);
    }
    return;
  }
  events_.push_back(describe(event));
  raw.push_back(std::move(event));
}

std::string Script::written() {
  server("");
  std::string out = std::exchange(out_, "");
  for (std::size_t i = 0; i < tags_.size(); ++i) {
    for (auto at = out.find(tags_[i]); at != std::string::npos; at = out.find(tags_[i])) {
      out.replace(at, tags_[i].size(), "$" + std::to_string(i + 1));
    }
  }
  return out;
}

std::vector<std::string> Script::events() { return std::exchange(events_, {}); }

std::string Script::told() {
  std::string out;
  for (const std::string& line : events()) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace postern::testing
