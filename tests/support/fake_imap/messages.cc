#include <algorithm>
#include <charconv>

#include "tests/support/fake_imap/session.h"

namespace postern::testing {
namespace {

FakeFlags flags_of(const ImapValue& value) {
  FakeFlags flags;
  if (!value.list) flags.insert(value.text);
  for (const ImapValue& item : value.items) flags.insert(item.text);
  return flags;
}

}  // namespace

void FakeSession::on_store(const FakeCommand& command, bool by_uid) {
  FakeMailbox* mailbox = selected();
  if (mailbox == nullptr || read_only_) return tagged(command, "NO [READ-ONLY] Mailbox is read-only");
  std::size_t next = 1;
  std::optional<std::uint64_t> unchanged_since;
  if (command.args.at(next).list) {
    if (!offers("CONDSTORE")) return bad(command, "no CONDSTORE");
    unchanged_since = std::stoull(command.args[next++].items.at(1).text);
    condstore_ = true;
  }
  const std::string how = ascii_upper(command.args.at(next).text);
  const FakeFlags flags = flags_of(command.args.at(next + 1));
  std::vector<std::uint32_t> modified;
  for (const std::size_t position : positions(command.args.at(0).text, by_uid)) {
    FakeMessage* m = mailbox->find(view_[position]);
    if (m == nullptr) continue;
    if (unchanged_since && m->modseq > *unchanged_since) {
      modified.push_back(by_uid ? m->uid : static_cast<std::uint32_t>(position + 1));
      continue;
    }
    FakeFlags wanted = how.starts_with("FLAGS") ? FakeFlags{} : m->flags;
    for (const std::string& flag : flags) {
      if (how.starts_with("-")) {
        wanted.erase(flag);
      } else if (mailbox->any_keyword || flag.starts_with('\\')) {
        wanted.insert(flag);
      }
    }
    if (wanted != m->flags) {
      m->flags = std::move(wanted);
      mailbox->touch(*m);
    }
    if (how.ends_with(".SILENT") && !condstore_) continue;
    untagged(fetch_head(position, m->uid) + "UID " + std::to_string(m->uid) +
             (how.ends_with(".SILENT") ? "" : " FLAGS " + flag_list(m->flags)) +
             (condstore_ ? " MODSEQ (" + std::to_string(m->modseq) + ")" : "") + ")");
  }
  told_modseq_ = mailbox->highestmodseq;
  server_.notify();
  ok(command, modified.empty() ? "" : "MODIFIED " + imap_set(modified));
}

void FakeSession::on_search(const FakeCommand& command, bool by_uid) {
  FakeMailbox* mailbox = selected();
  if (mailbox == nullptr) return tagged(command, "NO [NONEXISTENT] The mailbox is gone");
  std::size_t next = 0;
  std::optional<FakeFlags> results;
  std::string page;
  if (ascii_iequals(command.args.at(0).text, "RETURN")) {
    if (!offers("ESEARCH")) return bad(command, "no ESEARCH");
    results = flags_of(command.args.at(1));
    if (results->contains("PARTIAL")) {
      if (!offers("PARTIAL") || results->contains("ALL")) return bad(command, "no PARTIAL here");
      page = value_of(command.args[1].items, "PARTIAL").text;
    }
    if (command.args[1].items.empty()) results = FakeFlags{"ALL"};
    next = 2;
  }
  std::vector<bool> hit(view_.size(), true);
  const auto keep = [&](auto predicate) {
    for (std::size_t i = 0; i < view_.size(); ++i) {
      const FakeMessage* m = mailbox->find(view_[i]);
      hit[i] = hit[i] && m != nullptr && predicate(*m);
    }
  };
  const auto keep_set = [&](const std::string& set, bool uids) {
    std::vector<bool> in(view_.size(), false);
    for (const std::size_t position : positions(set, uids)) in[position] = true;
    for (std::size_t i = 0; i < hit.size(); ++i) hit[i] = hit[i] && in[i];
  };
  for (; next < command.args.size(); ++next) {
    const std::string key = ascii_upper(command.args[next].text);
    if (key == "ALL") {
      keep([](const FakeMessage&) { return true; });
    } else if (key == "UID") {
      keep_set(command.args.at(++next).text, true);
    } else if (key == "MODSEQ" && offers("CONDSTORE")) {
      const std::uint64_t since = std::stoull(command.args.at(++next).text);
      keep([since](const FakeMessage& m) { return m.modseq >= since; });
    } else if (key == "DELETED" || key == "UNDELETED") {
      keep([&](const FakeMessage& m) { return m.flags.contains("\\Deleted") == (key == "DELETED"); });
    } else if (key == "SEEN" || key == "UNSEEN") {
      keep([&](const FakeMessage& m) { return m.flags.contains("\\Seen") == (key == "SEEN"); });
    } else if (!key.empty() && key.find_first_not_of("0123456789:,*") == std::string::npos) {
      if (uid_only_) return bad(command, "[UIDREQUIRED] message numbers under UIDONLY");
      keep_set(key, false);
    } else {
      return bad(command, "unknown search key " + key);
    }
  }
  std::vector<std::uint32_t> found;
  for (std::size_t i = 0; i < hit.size(); ++i) {
    if (hit[i]) found.push_back(by_uid ? view_[i] : static_cast<std::uint32_t>(i + 1));
  }
  if (!page.empty()) found = page_of(found, page);
  const std::string limited = cut_to_limit(found);
  if (server_.lies_.search_limit && found.size() > *server_.lies_.search_limit)
    found.resize(*server_.lies_.search_limit);
  std::string line;
  if (results) {
    line = "ESEARCH (TAG " + imap_string(command.tag) + ")" + (by_uid ? " UID" : "");
    if (results->contains("MIN") && !found.empty()) line += " MIN " + std::to_string(found.front());
    if (results->contains("MAX") && !found.empty()) line += " MAX " + std::to_string(found.back());
    if (results->contains("ALL") && !found.empty()) line += " ALL " + imap_set(found);
    if (!page.empty()) line += " PARTIAL (" + page + " " + (found.empty() ? "NIL" : imap_set(found)) + ")";
    if (results->contains("COUNT")) line += " COUNT " + std::to_string(found.size());
  } else {
    line = "SEARCH";
    for (const std::uint32_t n : found) line += " " + std::to_string(n);
  }
  untagged(line);
  ok(command, limited);
}

void FakeSession::on_expunge(const FakeCommand& command, bool by_uid) {
  FakeMailbox* mailbox = selected();
  if (mailbox == nullptr || read_only_) return tagged(command, "NO [READ-ONLY] Mailbox is read-only");
  if (by_uid && !offers("UIDPLUS")) return bad(command, "no UIDPLUS");
  std::set<std::uint32_t> doomed;
  for (const std::size_t position : positions(by_uid ? command.args.at(0).text : "1:*", by_uid)) {
    const FakeMessage* m = mailbox->find(view_[position]);
    if (m != nullptr && m->flags.contains("\\Deleted")) doomed.insert(m->uid);
  }
  mailbox->expunge(doomed);
  tell_changes(true);
  server_.notify();
  ok(command);
}

void FakeSession::on_copy(const FakeCommand& command, bool by_uid, bool move) {
  if (move && !offers("MOVE")) return bad(command, "no MOVE");
  FakeMailbox* from = selected();
  FakeMailbox* to = server_.account_.find(command.args.at(1).text);
  if (to == nullptr || !to->selectable) return tagged(command, "NO [TRYCREATE] No such mailbox");
  if (from == nullptr || (move && read_only_)) return tagged(command, "NO [READ-ONLY] Mailbox is read-only");
  std::vector<std::uint32_t> old_uids, new_uids;
  for (const std::size_t position : positions(command.args.at(0).text, by_uid)) {
    const FakeMessage* m = from->find(view_[position]);
    if (m == nullptr) continue;
    old_uids.push_back(m->uid);
    new_uids.push_back(to->add(FakeMessage(*m)));
  }
  const bool tell = offers("UIDPLUS") && !old_uids.empty();
  const std::string code =
      tell ? "COPYUID " + std::to_string(to->uidvalidity) + " " + imap_set(old_uids) + " " + imap_set(new_uids) : "";
  if (move) {
    if (!code.empty()) untagged("OK [" + code + "] Moved");
    from->expunge({old_uids.begin(), old_uids.end()});
    tell_changes(true);
  }
  server_.notify();
  ok(command, move ? "" : code);
}

}  // namespace postern::testing
