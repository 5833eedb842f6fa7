#include "daemon/export/file_batch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::daemon {

namespace {

constexpr std::size_t kMostFiles = 1'024;
constexpr std::uint64_t kMostOctets = 64u << 20;

namespace fs = std::filesystem;

tl::unexpected<Error> cannot(const char* what, const fs::path& path, int number) {
  Error error(ErrorKind::store, std::string("cannot be ") + what + ": " + std::strerror(number));
  if (number == ENOSPC || number == EDQUOT) error.remedy("make room on that disk and export to an empty folder again");
  if (number == EACCES || number == EPERM || number == EROFS) error.remedy("choose a folder that you may write to");
  return fail(std::move(error.at(path.string())));
}

class OpenFile {
 public:
  OpenFile(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(fd, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// rename(), but for a file that is there already: that is never replaced.
bool rename_anew(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  // NFS, for one, does not know the flag; a link does not replace anything either.
  return ::link(from.c_str(), to.c_str()) == 0 && ::unlink(from.c_str()) == 0;
}

}  // namespace

Result<void> FileBatch::add(fs::path temporary, fs::path final_name, storage::ObjectReader& octets,
                            const InternalDate& when) {
  const OpenFile file(temporary, O_WRONLY | O_CREAT | O_EXCL);
  if (file.get() < 0) return cannot("made", temporary, errno);
  pending_.push_back({std::move(temporary), std::move(final_name)});
  const fs::path& path = pending_.back().temporary;
  for (;;) {
    auto piece = octets.next();
    if (!piece) return fail(std::move(piece.error()));
    if (piece->empty()) break;
    if (!write_all(file.get(), *piece)) return cannot("written", path, errno);
    octets_ += piece->size();
  }
  const timespec time{when.unix_seconds, 0};
  const timespec times[2] = {time, time};
  if (::futimens(file.get(), times) != 0) return cannot("dated", path, errno);
  if (pending_.size() >= kMostFiles || octets_ >= kMostOctets) return flush();
  return {};
}

Result<void> FileBatch::flush() {
  if (pending_.empty()) return {};
  const OpenFile root(root_, O_RDONLY | O_DIRECTORY);
  if (root.get() < 0 || ::syncfs(root.get()) != 0) return cannot("synced", root_, errno);
  std::set<fs::path> folders;
  for (const Pending& file : pending_) {
    if (!rename_anew(file.temporary, file.final_name)) return cannot("named", file.final_name, errno);
    folders.insert(file.final_name.parent_path());
  }
  for (const fs::path& folder : folders) {
    if (auto synced = sync_folder(folder); !synced) return synced;
  }
  pending_.clear();
  octets_ = 0;
  return {};
}

Result<void> make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) return cannot("made", path, errno);
  return {};
}

Result<void> make_folders(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  const int number = errno;
  if (number == ENOENT && path.has_relative_path() && path.parent_path() != path) {
    if (auto made = make_folders(path.parent_path()); !made) return made;
    return make_folders(path);
  }
  std::error_code failed;
  if (number == EEXIST && fs::is_directory(path, failed)) return {};
  return cannot("made", path, number);
}

Result<void> write_text(const fs::path& path, const std::string& text) {
  const OpenFile file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (file.get() < 0) return cannot("made", path, errno);
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return cannot("written", path, errno);
  return {};
}

Result<void> sync_folder(const fs::path& path) {
  const OpenFile folder(path, O_RDONLY | O_DIRECTORY);
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return cannot("synced", path, errno);
  return {};
}

}  // namespace postern::daemon
