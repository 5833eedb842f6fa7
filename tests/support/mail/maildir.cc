#include "tests/support/mail/maildir.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "tests/support/mail/names.h"

namespace postern::testing {
namespace {

constexpr std::size_t kMaxKeywords = 26;

std::string without_cr(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (octets[i] != '\r' || i + 1 == octets.size() || octets[i + 1] != '\n') out += octets[i];
  }
  return out;
}

/// The flags of a Maildir file name, ascending; keywords by their letter.
std::string info_of(const std::vector<std::string>& flags, std::vector<std::string>& keywords) {
  constexpr std::pair<std::string_view, char> kLetters[] = {
      {"\\Draft", 'D'}, {"\\Flagged", 'F'}, {"\\Answered", 'R'}, {"\\Seen", 'S'}, {"\\Deleted", 'T'}};
  std::string info;
  for (const std::string& flag : flags) {
    const auto system =
        std::find_if(std::begin(kLetters), std::end(kLetters), [&](auto& l) { return l.first == flag; });
    if (system != std::end(kLetters)) {
      info += system->second;
      continue;
    }
    auto keyword = std::find(keywords.begin(), keywords.end(), flag);
    if (keyword == keywords.end()) {
      if (keywords.size() == kMaxKeywords) throw std::runtime_error("a Maildir has 26 keywords at most");
      keyword = keywords.insert(keywords.end(), flag);
    }
    info += static_cast<char>('a' + (keyword - keywords.begin()));
  }
  std::sort(info.begin(), info.end());
  return info;
}

void write_dated(const std::string& path, std::string_view octets, std::int64_t unix_seconds) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), path);
  const timespec times[2] = {{unix_seconds, 0}, {unix_seconds, 0}};
  const bool written =
      ::write(fd, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()) && ::futimens(fd, times) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) throw std::system_error(error, std::generic_category(), path);
}

}  // namespace

MaildirWriter::MaildirWriter(std::filesystem::path root, std::optional<Owner> owner)
    : root_(std::move(root)), owner_(owner) {
  open("INBOX");
}

void MaildirWriter::give_away(const std::filesystem::path& path) const {
  if (owner_ && ::lchown(path.c_str(), owner_->user, owner_->group) != 0) {
    throw std::system_error(errno, std::generic_category(), path.string());
  }
}

MaildirWriter::Mailbox& MaildirWriter::open(const std::string& mailbox) {
  const auto [found, fresh] = mailboxes_.try_emplace(mailbox);
  if (!fresh) return found->second;
  found->second.directory = root_;
  if (mailbox != "INBOX") {
    std::string name = "." + to_wire_name(mailbox);
    std::replace(name.begin(), name.end(), '/', '.');
    found->second.directory /= name;
  }
  const std::filesystem::path& directory = found->second.directory;
  for (const auto& path : {directory, directory / "cur", directory / "new", directory / "tmp"}) {
    std::filesystem::create_directories(path);
    give_away(path);
  }
  return found->second;
}

void MaildirWriter::add(const std::string& mailbox, const GeneratedMail& mail) {
  Mailbox& box = open(mailbox);
  const std::string octets = without_cr(mail.octets);
  // Dovecot numbers messages in the order of their names' leading time stamp: the serial keeps the order of the calls.
  const std::string name = std::to_string(1'000'000'000 + ++serial_) +
                           ".M1P1.fixture,S=" + std::to_string(octets.size()) +
                           ",W=" + std::to_string(mail.octets.size()) + ":2," + info_of(mail.flags, box.keywords);
  const std::filesystem::path path = box.directory / "cur" / name;
  write_dated(path, octets, mail.unix_seconds);
  give_away(path);
}

void MaildirWriter::finish() {
  for (const auto& [name, box] : mailboxes_) {
    if (box.keywords.empty()) continue;
    std::string lines;
    for (std::size_t i = 0; i < box.keywords.size(); ++i) lines += std::to_string(i) + " " + box.keywords[i] + "\n";
    const std::filesystem::path path = box.directory / "dovecot-keywords";
    write_dated(path, lines, 1'000'000'000);
    give_away(path);
  }
}

}  // namespace postern::testing
