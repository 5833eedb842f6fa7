#include <algorithm>

#include "tests/support/fake_imap/session.h"
#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

constexpr std::size_t kFlushAt = 128 * 1024;

std::string_view header_block(std::string_view octets) {
  if (octets.starts_with("\r\n")) return octets.substr(0, 2);
  const auto end = octets.find("\r\n\r\n");
  return end == std::string_view::npos ? octets : octets.substr(0, end + 4);
}

/// The named fields of the header block, folded lines and all, and the blank line (RFC 9051 §6.4.5.1).
std::string header_fields(std::string_view octets, const std::vector<ImapValue>& names) {
  std::string out;
  bool wanted = false;
  for (std::string_view rest = header_block(octets); !rest.empty();) {
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 2);
    rest.remove_prefix(line.size());
    if (line == "\r\n") break;
    if (line[0] != ' ' && line[0] != '\t') {
      const std::string_view name = line.substr(0, line.find(':'));
      wanted = std::any_of(names.begin(), names.end(), [&](const ImapValue& n) { return ascii_iequals(n.text, name); });
    }
    if (wanted) out += line;
  }
  return out + "\r\n";
}

/// "BODY.PEEK[section]<offset.count>" as its pieces.
struct BodyItem {
  std::string section;
  bool peek = false;
  std::optional<std::pair<std::size_t, std::size_t>> part;
};

std::optional<BodyItem> body_item(const std::string& text) {
  BodyItem item;
  const auto open = text.find('['), close = text.rfind(']');
  if (!ascii_istarts_with(text, "BODY") || open == std::string::npos || close == std::string::npos) return std::nullopt;
  item.peek = ascii_iequals(text.substr(0, open), "BODY.PEEK");
  item.section = text.substr(open + 1, close - open - 1);
  if (text.size() > close + 1) {
    const std::string range = text.substr(close + 2);
    item.part = {std::stoull(range), std::stoull(range.substr(range.find('.') + 1))};
  }
  return item;
}

std::optional<std::string> section_of(const Bytes& octets, const std::string& section) {
  const std::string name = ascii_upper(section.substr(0, section.find(' ')));
  if (name.empty()) return octets;
  if (name == "HEADER") return std::string(header_block(octets));
  if (name == "TEXT") return octets.substr(header_block(octets).size());
  if (name != "HEADER.FIELDS") return std::nullopt;
  return header_fields(octets, parse_imap_values(section).at(1).items);
}

std::vector<ImapValue> fetch_items(const ImapValue& value) {
  if (value.list) return value.items;
  if (ascii_iequals(value.text, "FAST")) return {{.text = "FLAGS"}, {.text = "INTERNALDATE"}, {.text = "RFC822.SIZE"}};
  return {value};
}

}  // namespace

Task<void> FakeSession::on_fetch(FakeCommand command, bool by_uid) {
  std::vector<ImapValue> items;
  std::vector<std::size_t> wanted;
  std::optional<std::string> refusal;
  std::string limited;
  {
    const std::lock_guard lock(server_.mutex_);
    FakeMailbox* mailbox = selected();
    if (mailbox == nullptr) co_return tagged(command, "NO [NONEXISTENT] The mailbox is gone");
    if (command.args.size() < 2) co_return bad(command, "too few arguments");
    items = fetch_items(command.args[1]);
    if (by_uid) items.insert(items.begin(), {.text = "UID"});
    wanted = positions(command.args[0].text, by_uid);
    const std::vector<ImapValue> modifiers = command.args.size() > 2 ? command.args[2].items : std::vector<ImapValue>();
    const auto has = [&](std::string_view name) {
      return std::any_of(modifiers.begin(), modifiers.end(),
                         [&](auto& each) { return ascii_iequals(each.text, name); });
    };
    if (has("CHANGEDSINCE")) {
      if (!offers("CONDSTORE")) co_return bad(command, "no CONDSTORE");
      condstore_ = true;
      const std::uint64_t since = std::stoull(value_of(modifiers, "CHANGEDSINCE").text);
      std::erase_if(wanted, [&](std::size_t i) {
        const FakeMessage* m = mailbox->find(view_[i]);
        return m == nullptr || m->modseq <= since;
      });
      items.push_back({.text = "MODSEQ"});
      const bool vanished = has("VANISHED");
      if (vanished && !qresync_) co_return bad(command, "QRESYNC not enabled");
      std::vector<std::uint32_t> gone;
      for (const auto& [uid, modseq] : mailbox->tombstones) {
        if (vanished && modseq > since && in_imap_set(command.args[0].text, uid, mailbox->uidnext - 1))
          gone.push_back(uid);
      }
      if (!gone.empty()) untagged("VANISHED (EARLIER) " + imap_set(gone));
    }
    if (has("PARTIAL") && (!offers("PARTIAL") || !by_uid)) co_return bad(command, "no PARTIAL here");
    limited = keep_within_limit(wanted, has("PARTIAL") ? value_of(modifiers, "PARTIAL").text : "");
    for (const ImapValue& item : items) {
      const std::string key = ascii_upper(item.text);
      const auto body = body_item(item.text);
      if ((body && !section_of("", body->section)) ||
          (!body && key != "UID" && key != "FLAGS" && key != "INTERNALDATE" && key != "RFC822.SIZE" &&
           key != "MODSEQ" && key != "EMAILID" && key != "X-GM-MSGID") ||
          (key == "MODSEQ" && !offers("CONDSTORE")) || (key == "EMAILID" && !offers("OBJECTID")) ||
          (key == "X-GM-MSGID" && !offers("X-GM-EXT-1"))) {
        co_return bad(command, "unknown item " + item.text);
      }
    }
  }
  for (const std::size_t position : wanted) {
    bool cut = false;
    {
      const std::lock_guard lock(server_.mutex_);
      const bool bodies =
          std::any_of(items.begin(), items.end(), [](auto& i) { return body_item(i.text).has_value(); });
      const auto refused = server_.lies_.refuse_fetch.find(view_[position]);
      if (bodies && refused != server_.lies_.refuse_fetch.end()) {
        refusal = refused->second;
        break;
      }
      if (server_.lies_.omit_from_fetch.contains(view_[position])) continue;
      cut = !fetch_one(position, items);
    }
    if (out_.size() < kFlushAt && !cut) continue;
    const bool written = co_await flush();
    if (!written) co_return;
    if (cut) co_return hang_up();
  }
  const std::lock_guard lock(server_.mutex_);
  if (refusal) co_return tagged(command, *refusal);
  tell_changes(by_uid);
  ok(command, limited);
}

/// Leaves of `wanted` what is on the page, if one is named, and what MESSAGELIMIT allows; the code for the OK.
std::string FakeSession::keep_within_limit(std::vector<std::size_t>& wanted, const std::string& page) const {
  std::vector<std::uint32_t> uids;
  for (const std::size_t position : wanted) uids.push_back(view_[position]);
  if (!page.empty()) uids = page_of(uids, page);
  std::string code = cut_to_limit(uids);
  std::erase_if(wanted, [&](std::size_t i) { return !std::binary_search(uids.begin(), uids.end(), view_[i]); });
  return code;
}

/// With the lock held. False when the connection is to be cut behind what has been put out.
bool FakeSession::fetch_one(std::size_t position, const std::vector<ImapValue>& items) {
  FakeMailbox* mailbox = selected();
  FakeMessage* m = mailbox == nullptr ? nullptr : mailbox->find(view_[position]);
  if (m == nullptr) return true;  // expunged meanwhile: RFC 2180 §4.1 lets the server leave it out
  std::string line = fetch_head(position, m->uid);
  std::set<std::string> seen;
  bool flags_changed = false;
  for (const ImapValue& item : items) {
    const std::string key = ascii_upper(item.text);
    if (!seen.insert(key).second) continue;
    if (!line.ends_with('(')) line += ' ';
    if (key == "UID") line += "UID " + std::to_string(m->uid);
    if (key == "FLAGS") line += "FLAGS " + flag_list(m->flags);
    if (key == "INTERNALDATE") line += "INTERNALDATE \"" + imap_date_time(m->unix_seconds, m->zone_minutes) + "\"";
    if (key == "MODSEQ") line += "MODSEQ (" + std::to_string(m->modseq) + ")";
    const std::uint64_t content = server_.lies_.one_email_id ? 1 : m->content;
    if (key == "EMAILID") line += "EMAILID (E" + std::to_string(content) + ")";
    if (key == "X-GM-MSGID") line += "X-GM-MSGID " + std::to_string(content);
    if (key == "RFC822.SIZE") {
      line += "RFC822.SIZE " + std::to_string(static_cast<std::int64_t>(m->octets->size()) + server_.lies_.stated_size);
    }
    const std::optional<BodyItem> body = body_item(item.text);
    if (!body) continue;
    std::string octets = *section_of(*m->octets, body->section);
    line += "BODY[" + body->section + "]";
    if (body->part) {
      const auto [offset, count] = *body->part;
      octets = offset < octets.size() ? octets.substr(offset, count) : "";
      line += "<" + std::to_string(offset) + ">";
    }
    line += " {" + std::to_string(octets.size()) + "}\r\n";
    auto& cut = server_.lies_.cut_in_body;
    if (cut && cut->uid == m->uid && body->section.empty()) {
      out_ += "* " + line + octets.substr(0, static_cast<std::size_t>(cut->octets));
      if (--cut->times == 0) cut.reset();
      return false;
    }
    line += octets;
    if (!body->peek && !read_only_ && m->flags.insert("\\Seen").second) {
      mailbox->touch(*m);
      flags_changed = true;
    }
  }
  if (flags_changed) line += " FLAGS " + flag_list(m->flags);
  untagged(line + ")");
  return true;
}

}  // namespace postern::testing
