#include <algorithm>

#include "tests/support/fake_imap/session.h"

namespace postern::testing {
namespace {

/// LIST patterns: "*" matches anything, "%" anything but the delimiter.
bool matches(std::string_view pattern, std::string_view name, char delimiter) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*' || pattern[0] == '%') {
    for (std::size_t taken = 0; taken <= name.size(); ++taken) {
      if (matches(pattern.substr(1), name.substr(taken), delimiter)) return true;
      if (taken < name.size() && pattern[0] == '%' && name[taken] == delimiter) return false;
    }
    return false;
  }
  return !name.empty() && name[0] == pattern[0] && matches(pattern.substr(1), name.substr(1), delimiter);
}

std::string quoted_delimiter(char delimiter) { return delimiter == '\0' ? "NIL" : imap_string({&delimiter, 1}); }

}  // namespace

void FakeSession::on_namespace(const FakeCommand& command) {
  if (!offers("NAMESPACE")) return bad(command, "no NAMESPACE");
  untagged("NAMESPACE ((" + imap_string(server_.options_.prefix) + " " + quoted_delimiter(server_.options_.delimiter) +
           ")) NIL NIL");
  ok(command);
}

void FakeSession::on_list(const FakeCommand& command) {
  const char delimiter = server_.options_.delimiter;
  const std::vector<ImapValue>& args = command.args;
  const std::size_t first = args.at(0).list ? 1 : 0;
  const bool only_subscribed =
      first == 1 && !args[0].items.empty() && ascii_iequals(args[0].items[0].text, "SUBSCRIBED");
  const std::string pattern = args.at(first).text + args.at(first + 1).text;
  const ImapValue* status_items = nullptr;
  bool tell_subscribed = only_subscribed;
  const bool extended = first == 1 || args.size() > first + 2;
  if (extended && !offers("LIST-EXTENDED")) return bad(command, "no LIST-EXTENDED");
  if (args.size() > first + 3) {
    const std::vector<ImapValue>& options = args[first + 3].items;
    for (std::size_t i = 0; i < options.size(); ++i) {
      if (ascii_iequals(options[i].text, "SUBSCRIBED")) tell_subscribed = true;
      if (!ascii_iequals(options[i].text, "STATUS")) continue;
      if (!offers("LIST-STATUS")) return bad(command, "no LIST-STATUS");
      status_items = &options.at(i + 1);
    }
  }
  if (args.at(first + 1).text.empty()) {
    untagged("LIST (\\Noselect) " + quoted_delimiter(delimiter) + " \"\"");
    return ok(command);
  }
  // A parent that is no mailbox itself is listed for its children's sake.
  std::map<std::string, FakeMailbox*> tree;
  for (auto& [name, mailbox] : server_.account_.mailboxes()) {
    tree[name] = mailbox.get();
    for (auto at = name.find(delimiter); at != std::string::npos; at = name.find(delimiter, at + 1)) {
      tree.try_emplace(name.substr(0, at), nullptr);
    }
  }
  std::size_t told = 0;
  for (const auto& [name, mailbox] : tree) {
    if (!matches(pattern, name, delimiter) || (only_subscribed && (mailbox == nullptr || !mailbox->subscribed)))
      continue;
    if (server_.lies_.list_limit && told++ >= *server_.lies_.list_limit) break;
    std::vector<std::string> attributes;
    if (mailbox == nullptr || !mailbox->selectable) attributes.push_back("\\Noselect");
    const auto next = tree.upper_bound(name + delimiter);
    const bool children = next != tree.end() && next->first.starts_with(name + delimiter);
    attributes.push_back(children ? "\\HasChildren" : "\\HasNoChildren");
    if (mailbox != nullptr) attributes.insert(attributes.end(), mailbox->attributes.begin(), mailbox->attributes.end());
    if (tell_subscribed && mailbox != nullptr && mailbox->subscribed) attributes.push_back("\\Subscribed");
    list_one(name, attributes, mailbox != nullptr && mailbox->selectable ? status_items : nullptr);
  }
  ok(command);
}

void FakeSession::list_one(const std::string& name, const std::vector<std::string>& attributes,
                           const ImapValue* status_items) {
  std::string line = "LIST (";
  for (const std::string& attribute : attributes) line += (line.ends_with('(') ? "" : " ") + attribute;
  untagged(line + ") " + quoted_delimiter(server_.options_.delimiter) + " " + imap_string(name));
  if (status_items != nullptr) untagged(status_of(name, *server_.account_.find(name), status_items->items));
}

void FakeSession::on_lsub(const FakeCommand& command) {
  for (auto& [name, mailbox] : server_.account_.mailboxes()) {
    if (mailbox->subscribed && matches(command.args.at(1).text, name, server_.options_.delimiter)) {
      untagged("LSUB () " + quoted_delimiter(server_.options_.delimiter) + " " + imap_string(name));
    }
  }
  ok(command);
}

std::string FakeSession::status_of(const std::string& name, FakeMailbox& mailbox,
                                   const std::vector<ImapValue>& items) const {
  std::string line = "STATUS " + imap_string(name) + " (";
  const auto add = [&](const std::string& item, std::uint64_t value) {
    line += (line.ends_with('(') ? "" : " ") + item + " " + std::to_string(value);
  };
  for (const ImapValue& item : items) {
    const std::string key = ascii_upper(item.text);
    // As EXISTS would say: without UIDONLY no more than MESSAGELIMIT.
    const std::size_t in_view = uid_only_ ? SIZE_MAX : message_limit().value_or(SIZE_MAX);
    if (key == "MESSAGES") {
      add(key, std::min(mailbox.messages.size(), in_view) + static_cast<std::size_t>(server_.lies_.exists));
    }
    if (key == "RECENT") add(key, 0);
    if (key == "UIDNEXT") add(key, static_cast<std::uint64_t>(mailbox.uidnext + server_.lies_.uidnext));
    if (key == "UIDVALIDITY") add(key, mailbox.uidvalidity);
    if (key == "HIGHESTMODSEQ" && offers("CONDSTORE")) add(key, mailbox.highestmodseq);
    if (key == "MAILBOXID") line += (line.ends_with('(') ? "MAILBOXID (" : " MAILBOXID (") + mailbox.mailbox_id + ")";
    if (key == "UNSEEN") {
      add(key,
          static_cast<std::uint64_t>(std::count_if(mailbox.messages.begin(), mailbox.messages.end(),
                                                   [](const FakeMessage& m) { return !m.flags.contains("\\Seen"); })));
    }
  }
  return line + ")";
}

void FakeSession::on_status(const FakeCommand& command) {
  const std::string& name = command.args.at(0).text;
  FakeMailbox* mailbox = server_.account_.find(name);
  if (mailbox == nullptr || !mailbox->selectable) return tagged(command, "NO [NONEXISTENT] No such mailbox");
  for (const ImapValue& item : command.args.at(1).items) {
    if (ascii_iequals(item.text, "HIGHESTMODSEQ") && !offers("CONDSTORE")) return bad(command, "no CONDSTORE");
    if (ascii_iequals(item.text, "MAILBOXID") && !offers("OBJECTID")) return bad(command, "no OBJECTID");
    if (ascii_iequals(item.text, "HIGHESTMODSEQ")) condstore_ = true;
  }
  untagged(status_of(name, *mailbox, command.args.at(1).items));
  ok(command);
}

void FakeSession::on_get_quota_root(const FakeCommand& command) {
  if (!offers("QUOTA")) return bad(command, "no QUOTA");
  const std::string& name = command.args.at(0).text;
  if (server_.account_.find(name) == nullptr) return tagged(command, "NO [NONEXISTENT] No such mailbox");
  const std::uint64_t quota = server_.account_.quota_octets;
  untagged("QUOTAROOT " + imap_string(name) + (quota != 0 ? " \"Account\"" : ""));
  if (quota != 0) {
    untagged("QUOTA \"Account\" (STORAGE " + std::to_string((server_.account_.octets_held() + 1023) / 1024) + " " +
             std::to_string(quota / 1024) + ")");
  }
  ok(command);
}

void FakeSession::on_create(const FakeCommand& command) {
  std::string name = command.args.at(0).text;
  if (name.ends_with(server_.options_.delimiter)) name.pop_back();
  if (!name.starts_with(server_.options_.prefix) && !ascii_iequals(name, "INBOX")) {
    return tagged(command, "NO [CANNOT] Outside of the personal namespace");
  }
  if (server_.account_.create(name) == nullptr) return tagged(command, "NO [ALREADYEXISTS] Mailbox exists");
  ok(command);
}

void FakeSession::on_delete(const FakeCommand& command) {
  if (!server_.account_.remove(command.args.at(0).text)) return tagged(command, "NO [NONEXISTENT] No such mailbox");
  ok(command);
}

void FakeSession::on_rename(const FakeCommand& command) {
  const std::string &from = command.args.at(0).text, &to = command.args.at(1).text;
  if (server_.account_.find(to) != nullptr) return tagged(command, "NO [ALREADYEXISTS] Mailbox exists");
  if (!to.starts_with(server_.options_.prefix)) return tagged(command, "NO [CANNOT] Outside of the namespace");
  if (!server_.account_.rename(from, to, server_.options_.delimiter)) {
    return tagged(command, "NO [NONEXISTENT] No such mailbox");
  }
  ok(command);
}

void FakeSession::on_subscribe(const FakeCommand& command, bool subscribed) {
  FakeMailbox* mailbox = server_.account_.find(command.args.at(0).text);
  if (mailbox == nullptr) return tagged(command, "NO [NONEXISTENT] No such mailbox");
  mailbox->subscribed = subscribed;
  ok(command);
}

}  // namespace postern::testing
