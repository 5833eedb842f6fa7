#include "tests/support/postern/mail_server.h"

#include <algorithm>
#include <stdexcept>

namespace postern::testing {

std::string_view to_string(ServerKind kind) {
  switch (kind) {
    case ServerKind::fake:
      return "fake";
    case ServerKind::dovecot:
      return "dovecot";
    case ServerKind::cyrus:
      return "cyrus";
    case ServerKind::courier:
      return "courier";
  }
  return "";
}

bool installed(ServerKind kind) {
  switch (kind) {
    case ServerKind::fake:
      return true;
    case ServerKind::dovecot:
      return dovecot_installed();
    case ServerKind::cyrus:
      return cyrus_installed();
    case ServerKind::courier:
      return courier_installed();
  }
  return false;
}

MailServer::MailServer(ServerKind kind) {
  switch (kind) {
    case ServerKind::fake:
      fake_ = std::make_unique<ThreadedFakeImap>(FakeImapOptions{.user = kUser, .password = Dovecot::kPassword});
      break;
    case ServerKind::dovecot:
      dovecot_ = std::make_unique<Dovecot>(DovecotOptions{.users = {kUser}});
      break;
    case ServerKind::cyrus:
      cyrus_ = std::make_unique<Cyrus>();
      break;
    case ServerKind::courier:
      courier_ = std::make_unique<Courier>();
      break;
  }
}

PlainImap MailServer::user() const { return PlainImap({port(PlainTls::none), kUser, password()}); }

std::uint16_t MailServer::port(PlainTls tls) const {
  if (cyrus_ || courier_) {
    if (tls != PlainTls::none) throw std::logic_error("this server has no TLS");
    return cyrus_ ? cyrus_->imap_port() : courier_->imap_port();
  }
  if (tls == PlainTls::implicit) return fake_ ? fake_->imaps_port() : dovecot_->imaps_port();
  return fake_ ? fake_->imap_port() : dovecot_->imap_port();
}

std::string MailServer::ca_certificate() const {
  if (cyrus_ || courier_) throw std::logic_error("this server has no TLS");
  return fake_ ? fake_->ca_certificate() : read_file(dovecot_->ca_file());
}

void MailServer::change_uidvalidity(const std::string& mailbox, std::uint32_t uidvalidity) {
  if (fake_) {
    fake_->server().change_uidvalidity(mailbox, uidvalidity);
  } else if (dovecot_) {
    dovecot_->change_uidvalidity(kUser, mailbox, uidvalidity);
  } else {
    throw std::logic_error("this server gives no mailbox another UIDVALIDITY");
  }
}

void MailServer::set_quota(std::uint64_t octets) {
  if (fake_) {
    fake_->server().offer({"QUOTA"});
    fake_->server().with_account([&](FakeAccount& account) { account.quota_octets = octets; });
  } else if (dovecot_) {
    dovecot_->set_quota(octets);
  } else {
    throw std::logic_error("this server has no quota");
  }
}

std::string MailServer::name(std::string_view path) const {
  std::string text(path);
  if (!courier_ || text == "INBOX") return text;
  std::replace(text.begin(), text.end(), '/', '.');
  return "INBOX." + text;
}

void fill(PlainImap user, const std::vector<GeneratedMailbox>& account) {
  const std::vector<std::string> there = user.mailboxes();
  for (const GeneratedMailbox& box : account) {
    if (std::find(there.begin(), there.end(), box.name) == there.end()) user.create(box.name);
    std::vector<PlainImap::Upload> uploads;
    for (const GeneratedMail& m : box.messages) uploads.push_back({m.octets, m.flags, m.date_time()});
    user.append_all(box.name, uploads);
  }
}

}  // namespace postern::testing
