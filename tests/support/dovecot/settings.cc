#include "tests/support/dovecot/settings.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace postern::testing {
namespace {

// What Debian 12's Dovecot 2.3.19 advertises after login.
constexpr const char* kCapabilities[] = {"IMAP4rev1",
                                         "SASL-IR",
                                         "LOGIN-REFERRALS",
                                         "ID",
                                         "ENABLE",
                                         "IDLE",
                                         "SORT",
                                         "SORT=DISPLAY",
                                         "THREAD=REFERENCES",
                                         "THREAD=REFS",
                                         "THREAD=ORDEREDSUBJECT",
                                         "MULTIAPPEND",
                                         "URL-PARTIAL",
                                         "CATENATE",
                                         "UNSELECT",
                                         "CHILDREN",
                                         "NAMESPACE",
                                         "UIDPLUS",
                                         "LIST-EXTENDED",
                                         "I18NLEVEL=1",
                                         "CONDSTORE",
                                         "QRESYNC",
                                         "ESEARCH",
                                         "ESORT",
                                         "SEARCHRES",
                                         "WITHIN",
                                         "CONTEXT=SEARCH",
                                         "LIST-STATUS",
                                         "BINARY",
                                         "MOVE",
                                         "SNIPPET=FUZZY",
                                         "PREVIEW=FUZZY",
                                         "PREVIEW",
                                         "STATUS=SIZE",
                                         "SAVEDATE",
                                         "LITERAL+",
                                         "NOTIFY",
                                         "SPECIAL-USE",
                                         "COMPRESS=DEFLATE"};

std::string capabilities_without(const std::vector<std::string>& removed) {
  std::string text;
  for (const std::string name : kCapabilities) {
    if (std::find(removed.begin(), removed.end(), name) == removed.end()) text += (text.empty() ? "" : " ") + name;
  }
  return text;
}

const passwd& user_by(const passwd* entry, const std::string& what) {
  if (entry == nullptr) throw std::runtime_error("Dovecot needs a user in the password file: " + what);
  return *entry;
}

std::string group_name(gid_t gid) {
  const group* entry = getgrgid(gid);
  if (entry == nullptr) throw std::runtime_error("Dovecot needs a group in the group file: " + std::to_string(gid));
  return entry->gr_name;
}

}  // namespace

DovecotUsers dovecot_users() {
  DovecotUsers users;
  users.root = geteuid() == 0;
  if (users.root) {  // Dovecot refuses to serve mail as root
    const passwd& internal = user_by(getpwnam("dovecot"), "dovecot");
    users.internal = "dovecot", users.login = "dovenull";
    users.internal_group = group_name(internal.pw_gid);
    const passwd& mail = user_by(getpwnam("nobody"), "nobody");
    users.mail = mail.pw_name, users.mail_uid = mail.pw_uid, users.mail_gid = mail.pw_gid;
  } else {
    const passwd& self = user_by(getpwuid(geteuid()), std::to_string(geteuid()));
    users.internal = users.login = users.mail = self.pw_name;
    users.mail_uid = geteuid(), users.mail_gid = getegid();
    users.internal_group = group_name(users.mail_gid);
  }
  users.mail_group = group_name(users.mail_gid);
  return users;
}

std::string dovecot_settings(const std::filesystem::path& base, const DovecotOptions& options,
                             const DovecotUsers& users, const DovecotPorts& ports, const AuthorityFiles& authority) {
  std::ostringstream out;
  const std::string root = base.string();
  out << "protocols = imap\nlisten = 127.0.0.1\n"
      << "base_dir = " << root << "/run\nstate_dir = " << root << "/state\nlog_path = " << root << "/log\n"
      << "ssl = yes\nssl_cert = <" << authority.certificate.string() << "\nssl_key = <" << authority.key.string()
      << "\n"
      << "default_internal_user = " << users.internal << "\ndefault_internal_group = " << users.internal_group << "\n"
      << "default_login_user = " << users.login << "\n"
      << "mail_location = maildir:" << root << "/mail/%u\nmail_fsync = " << (options.fsync ? "optimized" : "never")
      << "\n"
      << "mail_uid = " << users.mail << "\nmail_gid = " << users.mail_group << "\n"
      << "first_valid_uid = 1\nfirst_valid_gid = 1\nmail_max_userip_connections = 1000\n"
      << "namespace inbox {\n  inbox = yes\n  separator = /\n}\n"
      << "passdb {\n  driver = passwd-file\n  args = " << root << "/users\n}\n"
      << "userdb {\n  driver = static\n  args = uid=" << users.mail << " gid=" << users.mail_group << " home=" << root
      << "/mail/%u\n}\n"
      // An ordinary user cannot chroot. A wrong password must not hold a test up.
      << "service anvil {\n  chroot =\n}\nservice stats {\n  chroot =\n}\n"
      << "auth_failure_delay = 0\n"
      << "mail_plugins = zlib" << (options.quota_octets ? " quota" : "") << "\n"
      << "protocol imap {\n  mail_plugins = $mail_plugins imap_zlib"  // COMPRESS=DEFLATE
      << (options.quota_octets ? " imap_quota" : "") << "\n}\n"
      << "service imap {\n  process_limit = 2000\n}\n"
      << "service imap-login {\n  chroot =\n  service_count = 0\n  client_limit = 2000\n"
      << "  inet_listener imap {\n    port = " << ports.imap << "\n  }\n"
      << "  inet_listener imaps {\n    port = " << ports.imaps << "\n    ssl = yes\n  }\n}\n";
  if (!options.without.empty()) out << "imap_capability = " << capabilities_without(options.without) << "\n";
  if (options.quota_octets) {
    out << "plugin {\n  quota = maildir:User quota\n  quota_rule = *:bytes=" << *options.quota_octets
        << "\n  quota_grace = 0\n}\n";
  }
  out << options.extra;
  return out.str();
}

}  // namespace postern::testing
