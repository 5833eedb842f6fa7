#include "core/config/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace postern::config {

namespace {

constexpr mode_t kOthers = 007;
constexpr mode_t kGroup = 070;
constexpr mode_t kGroupReads = 040;
constexpr mode_t kFolderWriters = 022;

Error mistake(std::string text) { return Error(ErrorKind::config, std::move(text)); }

std::string reason(int number) { return std::strerror(number); }  // glibc: thread-safe for known numbers

bool belongs(const FileFacts& facts, const Identity& reader) { return facts.owner == reader.user || facts.owner == 0; }

Result<FileFacts> facts_of(int fd) {
  struct stat info {};
  struct statvfs mount {};
  if (::fstat(fd, &info) != 0 || ::fstatvfs(fd, &mount) != 0) {
    return fail(mistake("cannot be examined: " + reason(errno)).remedy("name a file of a usual file system"));
  }
  return FileFacts{info.st_mode, info.st_uid, info.st_gid, (mount.f_flag & ST_RDONLY) != 0};
}

Error cannot_open(int number) {
  return mistake("cannot be opened: " + reason(number))
      .remedy(number == ENOENT ? "write the password to it, with mode 0600" : "let the user that runs postern read it");
}

}  // namespace

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset() {
  if (const int fd = release(); fd >= 0) ::close(fd);
}

Identity Identity::own() {
  Identity identity{::geteuid(), {::getegid()}};
  const int count = ::getgroups(0, nullptr);
  if (count > 0) {
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    const int got = ::getgroups(count, groups.data());
    groups.resize(static_cast<std::size_t>(std::max(got, 0)));
    identity.groups.insert(identity.groups.end(), groups.begin(), groups.end());
  }
  return identity;
}

Result<void> check_secret_file(const FileFacts& file, const Identity& reader, bool credential) {
  if (!S_ISREG(file.mode)) return fail(mistake("is no regular file").remedy("name a file"));
  if (!belongs(file, reader)) {
    return fail(mistake("belongs to another user (uid " + std::to_string(file.owner) + ")")
                    .remedy("chown it to the user that runs postern, uid " + std::to_string(reader.user)));
  }
  const mode_t group = file.mode & kGroup;
  const bool group_only_reads = (group & ~kGroupReads) == 0;
  if ((file.mode & kOthers) != 0 || !group_only_reads) {
    return fail(mistake("can be read or changed by other users").remedy("chmod 0600 it"));
  }
  if (group == 0 || credential) return {};
  if (file.owner != 0) return fail(mistake("can be read by its group").remedy("chmod 0600 it"));
  if (std::find(reader.groups.begin(), reader.groups.end(), file.group) == reader.groups.end()) {
    return fail(mistake("can be read by group " + std::to_string(file.group) + ", in which postern is not")
                    .remedy("chmod 0600 it, or run postern in that group"));
  }
  return {};
}

Result<void> check_link_folder(const FileFacts& folder, const Identity& reader) {
  if (folder.read_only_mount) return {};
  if (!belongs(folder, reader)) {
    return fail(mistake("is a symbolic link in a folder of another user (uid " + std::to_string(folder.owner) + ")")
                    .remedy("name the file that it leads to"));
  }
  if ((folder.mode & kFolderWriters) != 0) {
    return fail(mistake("is a symbolic link in a folder that other users can change")
                    .remedy("name the file that it leads to, or chmod go-w the folder"));
  }
  return {};
}

Result<Descriptor> open_secret_file(const std::string& path, bool credential) {
  const auto slash = path.rfind('/');
  const std::string folder_name = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  // The folder is held open: what is checked about it is what the link is then read from.
  const Descriptor folder(::open(folder_name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return fail(cannot_open(errno));

  const Identity reader = Identity::own();
  // O_NONBLOCK: a FIFO must not hold up the opening; it is refused by its type right after.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const char* last = name.empty() ? "." : name.c_str();
  int fd = ::openat(folder.get(), last, kFlags | O_NOFOLLOW);
  if (fd < 0 && errno == ELOOP) {
    const auto facts = facts_of(folder.get());
    if (!facts) return fail(facts.error());
    if (auto checked = check_link_folder(*facts, reader); !checked) return fail(std::move(checked.error()));
    fd = ::openat(folder.get(), last, kFlags);
  }
  if (fd < 0) return fail(cannot_open(errno));

  Descriptor file(fd);
  const auto facts = facts_of(file.get());
  if (!facts) return fail(facts.error());
  if (auto checked = check_secret_file(*facts, reader, credential); !checked) return fail(std::move(checked.error()));
  return file;
}

}  // namespace postern::config
