#include "storage/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "core/base/escape.h"

namespace postern::storage {
namespace {

/// More than a holder ever writes; the file is another process's word.
constexpr std::size_t kMaxText = 512;

std::string describe_self(std::string_view holder) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return "process " + std::to_string(getpid()) + " on " + host.data() + " (" + std::string(holder) + ")\n";
}

std::string read_holder(int fd) {
  std::array<char, kMaxText> text{};
  const ssize_t got = pread(fd, text.data(), text.size(), 0);
  std::string_view said(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  said = said.substr(0, said.find('\n'));
  return said.empty() ? "another process" : escape_for_people(said);
}

/// The text is for people: failing to write it does not weaken the lock.
void write_holder(int fd, const std::string& text) {
  if (ftruncate(fd, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = pwrite(fd, text.data(), text.size(), 0);
}

}  // namespace

Result<LockFile> LockFile::take(const std::filesystem::path& folder, std::string_view holder) {
  const std::string path = (folder / kLockFileName).string();
  LockFile lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.fd_ < 0) {
    Error error(ErrorKind::store, "cannot open " + path + ": " + std::strerror(errno));
    error.remedy("give the user that runs Postern the right to write in the vault's folder");
    return fail(std::move(error));
  }
  if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    Error error(ErrorKind::vault_in_use, "the vault " + folder.string() + " is in use by " + read_holder(lock.fd_));
    error.remedy("stop it first, or use a command that only reads (status, ls, cat, snapshots, export)");
    return fail(std::move(error));
  }
  write_holder(lock.fd_, describe_self(holder));
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

LockFile::~LockFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace postern::storage
