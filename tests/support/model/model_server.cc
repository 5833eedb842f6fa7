#include "tests/support/model/model_server.h"

#include <stdexcept>

#include "core/crypto/sha256.h"
#include "core/mail/fold_case.h"
#include "core/protocol/mime/stable_header.h"

namespace postern::testing {

Uid ModelMailbox::append(Bytes octets, FlagSet flags, InternalDate date, std::string email_id) {
  static std::uint64_t last_email_id = 0;
  if (email_id.empty()) email_id = "E" + std::to_string(++last_email_id);
  highestmodseq = ModSeq(highestmodseq.value() + 1);
  const Uid uid(uidnext++);
  messages.emplace(uid, ModelMessage{std::move(octets), std::move(flags), date, highestmodseq, std::move(email_id)});
  return uid;
}

void ModelMailbox::store(Uid uid, FlagSet flags) {
  highestmodseq = ModSeq(highestmodseq.value() + 1);
  ModelMessage& message = messages.at(uid);
  message.flags = std::move(flags);
  message.modseq = highestmodseq;
}

void ModelMailbox::expunge(Uid uid) {
  highestmodseq = ModSeq(highestmodseq.value() + 1);
  messages.erase(uid);
  expunged[uid] = highestmodseq;
}

ModelMailbox& ModelServer::create(std::string_view name, std::vector<std::string> attributes) {
  ModelMailbox box;
  const auto parsed = MailboxName::from_utf8(name, quirks.delimiter);
  if (!parsed) throw std::invalid_argument("mailbox name " + std::string(name));
  box.name = *parsed;
  box.attributes = std::move(attributes);
  box.uidvalidity = UidValidity(next_uidvalidity_++);
  box.mailbox_id = "F" + std::to_string(box.uidvalidity.value());
  return boxes_.insert_or_assign(box.name.display(), std::move(box)).first->second;
}

ModelMailbox& ModelServer::box(std::string_view name) {
  const auto found = boxes_.find(std::string(name));
  if (found == boxes_.end()) throw std::out_of_range("no mailbox " + std::string(name));
  return found->second;
}

Uid ModelServer::append(std::string_view name, Bytes octets, FlagSet flags) {
  ModelMailbox& mailbox = box(name);
  return mailbox.append(std::move(octets), std::move(flags), InternalDate{1'030'000'000 + mailbox.uidnext, 60});
}

Uid ModelServer::copy(std::string_view from, Uid uid, std::string_view to) {
  const ModelMessage message = box(from).messages.at(uid);
  return box(to).append(message.octets, message.flags, message.date, message.email_id);
}

Uid ModelServer::move(std::string_view from, Uid uid, std::string_view to) {
  const Uid there = copy(from, uid, to);
  box(from).expunge(uid);
  return there;
}

void ModelServer::rename(std::string_view from, std::string_view to, bool same_uids) {
  std::vector<std::string> moved{box(from).name.display()};
  const std::string below = moved.front() + quirks.delimiter;
  for (const auto& [name, box] : boxes_) {
    if (name.starts_with(below)) moved.push_back(name);
  }
  for (const std::string& name : moved) {
    auto node = boxes_.extract(name);
    node.key() = std::string(to) + name.substr(from.size());
    node.mapped().name = *MailboxName::from_utf8(node.key(), quirks.delimiter);
    if (!same_uids) node.mapped().uidvalidity = UidValidity(next_uidvalidity_++);
    boxes_.erase(node.key());
    boxes_.insert(std::move(node));
  }
}

std::string ModelServer::accepted(std::string_view name) const {
  if (!quirks.trims_names) return std::string(name);
  std::string out;
  for (const char c : name) {
    const bool at_start = out.empty() || out.back() == quirks.delimiter || out.back() == ' ';
    if (c == quirks.delimiter && !out.empty() && out.back() == ' ') out.pop_back();
    if (c != ' ' || !at_start) out += c;
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string ModelServer::spelling(std::string_view name) const {
  if (has(name) || !quirks.case_insensitive) return has(name) ? std::string(name) : "";
  const std::string folded = fold_case(name);
  for (const auto& [own, box] : boxes_) {
    if (fold_case(own) == folded) return own;
  }
  return "";
}

void ModelServer::renumber(std::string_view name) {
  ModelMailbox& mailbox = box(name);
  auto messages = std::move(mailbox.messages);
  mailbox.messages.clear();
  mailbox.expunged.clear();
  mailbox.uidvalidity = UidValidity(next_uidvalidity_++);
  mailbox.uidnext = 1;
  for (auto& [uid, message] : messages) {
    mailbox.append(std::move(message.octets), message.flags, message.date, message.email_id);
  }
}

std::uint64_t ModelServer::octets_held() const {
  std::uint64_t octets = 0;
  for (const auto& [name, box] : boxes_) {
    for (const auto& [uid, message] : box.messages) octets += message.octets.size();
  }
  return octets;
}

std::uint64_t ModelServer::messages_held() const {
  std::uint64_t messages = 0;
  for (const auto& [name, box] : boxes_) messages += box.messages.size();
  return messages;
}

sync::MailboxStatus ModelServer::status(const ModelMailbox& box) const {
  const auto exists = static_cast<std::int64_t>(box.messages.size()) + quirks.exists_lie;
  return {box.uidvalidity, box.uidnext, static_cast<std::uint32_t>(exists < 0 ? 0 : exists),
          quirks.condstore ? box.highestmodseq : ModSeq(0), quirks.email_ids ? box.mailbox_id : std::string()};
}

std::vector<sync::ListedMailbox> ModelServer::list() const {
  std::vector<sync::ListedMailbox> listed;
  if (quirks.list_empty) return listed;
  for (const auto& [name, box] : boxes_) {
    sync::ListedMailbox one;
    one.name = box.name;
    one.attributes = box.attributes;
    one.selectable = box.selectable;
    one.subscribed = box.subscribed;
    if (box.selectable && !quirks.no_status) one.status = status(box);
    listed.push_back(std::move(one));
  }
  return listed;
}

Digest digest_of(ByteView octets) { return Digest(crypto::sha256(octets)); }

sync::Identity identity_of(ByteView octets) { return {digest_of(mime::stable_header(octets)), octets.size()}; }

}  // namespace postern::testing
