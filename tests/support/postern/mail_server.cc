#include "tests/support/postern/mail_server.h"

#include <algorithm>

namespace postern::testing {

std::string_view to_string(ServerKind kind) { return kind == ServerKind::fake ? "fake" : "dovecot"; }

MailServer::MailServer(ServerKind kind) {
  if (kind == ServerKind::fake) {
    fake_ = std::make_unique<ThreadedFakeImap>(FakeImapOptions{.user = kUser, .password = Dovecot::kPassword});
  } else {
    dovecot_ = std::make_unique<Dovecot>(DovecotOptions{.users = {kUser}});
  }
}

PlainImap MailServer::user() const { return PlainImap({port(PlainTls::none), kUser, password()}); }

std::uint16_t MailServer::port(PlainTls tls) const {
  if (tls == PlainTls::implicit) return fake_ ? fake_->imaps_port() : dovecot_->imaps_port();
  return fake_ ? fake_->imap_port() : dovecot_->imap_port();
}

std::string MailServer::ca_certificate() const {
  return fake_ ? fake_->ca_certificate() : read_file(dovecot_->ca_file());
}

void MailServer::change_uidvalidity(const std::string& mailbox, std::uint32_t uidvalidity) {
  if (fake_) {
    fake_->server().change_uidvalidity(mailbox, uidvalidity);
  } else {
    dovecot_->change_uidvalidity(kUser, mailbox, uidvalidity);
  }
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
