#include "tests/support/fake_imap/account.h"

#include <algorithm>

#include "core/mail/fold_case.h"
#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

std::string canonical(const std::string& wire_name) { return ascii_iequals(wire_name, "INBOX") ? "INBOX" : wire_name; }

}  // namespace

std::uint32_t FakeMailbox::add(FakeMessage message) {
  message.uid = uidnext++;
  if (message.content == 0) message.content = std::uint64_t{uidvalidity} << 32 | message.uid;
  message.modseq = ++highestmodseq;
  messages.push_back(std::move(message));
  return messages.back().uid;
}

FakeMessage* FakeMailbox::find(std::uint32_t uid) {
  const auto found = std::lower_bound(messages.begin(), messages.end(), uid,
                                      [](const FakeMessage& m, std::uint32_t wanted) { return m.uid < wanted; });
  return found != messages.end() && found->uid == uid ? &*found : nullptr;
}

void FakeMailbox::expunge(const std::set<std::uint32_t>& uids) {
  std::erase_if(messages, [&](const FakeMessage& m) {
    if (!uids.contains(m.uid)) return false;
    tombstones[m.uid] = ++highestmodseq;
    return true;
  });
}

std::string FakeAccount::spelling(const std::string& wire_name) const {
  const std::string name = canonical(wire_name);
  if (!ignores_case_ || mailboxes_.contains(name)) return name;
  const std::string folded = fold_case(from_wire_name(name));
  for (const auto& [own, mailbox] : mailboxes_) {
    if (fold_case(from_wire_name(own)) == folded) return own;
  }
  return name;
}

FakeMailbox* FakeAccount::find(const std::string& wire_name) {
  const auto found = mailboxes_.find(spelling(wire_name));
  return found == mailboxes_.end() ? nullptr : found->second.get();
}

FakeMailbox* FakeAccount::create(const std::string& wire_name) {
  const auto [at, fresh] = mailboxes_.try_emplace(spelling(wire_name));
  if (!fresh) return nullptr;
  at->second = std::make_unique<FakeMailbox>(next_uidvalidity());
  return at->second.get();
}

bool FakeAccount::remove(const std::string& wire_name) { return mailboxes_.erase(spelling(wire_name)) == 1; }

bool FakeAccount::rename(const std::string& from, const std::string& to, char delimiter) {
  const std::string old_name = spelling(from);
  const std::string below = old_name + delimiter;
  std::vector<std::string> moved;
  for (const auto& [name, mailbox] : mailboxes_) {
    if (name == old_name || (delimiter != '\0' && name.starts_with(below))) moved.push_back(name);
  }
  if (moved.empty() || find(to) != nullptr) return false;
  for (const std::string& name : moved) {
    auto node = mailboxes_.extract(name);
    node.key() = to + name.substr(old_name.size());
    mailboxes_.insert(std::move(node));
  }
  return true;
}

std::uint64_t FakeAccount::octets_held() const {
  std::uint64_t octets = 0;
  for (const auto& [name, mailbox] : mailboxes_) {
    for (const FakeMessage& message : mailbox->messages) octets += message.octets->size();
  }
  return octets;
}

ServerState FakeAccount::state(char delimiter) const {
  ServerState state;
  for (const auto& [wire, mailbox] : mailboxes_) {
    if (!mailbox->selectable) continue;
    std::string name = from_wire_name(wire);
    std::replace(name.begin(), name.end(), delimiter, '/');
    StoredMailbox& stored = state[name];
    stored.uidvalidity = mailbox->uidvalidity;
    for (const FakeMessage& m : mailbox->messages) {
      stored.messages.push_back(
          {m.uid, sha256_hex(*m.octets), m.octets->size(), {m.flags.begin(), m.flags.end()}, m.unix_seconds});
    }
  }
  return state;
}

}  // namespace postern::testing
