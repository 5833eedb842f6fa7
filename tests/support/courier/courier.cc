#include "tests/support/courier/courier.h"

#include <chrono>
#include <stdexcept>

#include "tests/support/unpacked/unpacked.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kServer = "usr/bin/imapd";

/// What Debian's /etc/courier/imapd sets; but no file monitor is asked, and nothing is emptied by itself.
std::map<std::string, std::string> settings() {
  auto env = unpacked_environment(unpacked());
  env.merge(std::map<std::string, std::string>{
      {"IMAP_CAPABILITY",
       "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE"},
      {"IMAP_KEYWORDS", "1"},
      {"IMAP_ACL", "1"},
      {"IMAP_CHECK_ALL_FOLDERS", "0"},
      {"IMAP_OBSOLETE_CLIENT", "0"},
      {"IMAP_USELOCKS", "0"},
      {"IMAP_ENHANCEDIDLE", "0"},
      {"IMAP_EMPTYTRASH", ""},
      {"IMAP_TRASHFOLDERNAME", "Trash"},
      {"IMAP_MOVE_EXPUNGE_TO_TRASH", "0"},
      {"IMAP_MAILBOX_SANITY_CHECK", "1"}});
  return env;
}

}  // namespace

bool courier_installed() { return unpacked_has(kServer, "Courier", "POSTERN_WITHOUT_COURIER"); }

Courier::Courier() {
  for (const char* name : {"Maildir/cur", "Maildir/new", "Maildir/tmp"}) {
    std::filesystem::create_directories(base_ / name);
  }
  login_ = std::make_unique<ChildProcess>(
      ProcessSpec{.argv = {POSTERN_COURIER_LOGIN, (unpacked() / kServer).string(), kUser, kPassword},
                  .env = settings(),
                  .directory = base_.path(),
                  .own_group = true});
  if (!login_->wait_for_output("\n", 20s)) throw std::runtime_error("Courier does not start: " + login_->errors());
  port_ = static_cast<std::uint16_t>(std::stoi(login_->output()));
}

}  // namespace postern::testing
