// Preloaded into a program, it makes the disk under one folder full: what goes over the room there fails with ENOSPC,
// as on a small file system, but needs no right to mount one.
//
//   FULL_DISK_FOLDER  the folder
//   FULL_DISK_ROOM    octets that may be written to its files in the life of the process
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long long> written{0};

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

bool in_the_folder(int fd) {
  static const char* const folder = std::getenv("FULL_DISK_FOLDER");
  if (folder == nullptr) return false;
  char name[64], path[4096];
  std::snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
  const ssize_t length = ::readlink(name, path, sizeof(path));
  const auto prefix = static_cast<ssize_t>(std::strlen(folder));
  return length > prefix && std::memcmp(path, folder, static_cast<std::size_t>(prefix)) == 0 && path[prefix] == '/';
}

/// False, with errno set, when these octets no longer fit.
bool fits(int fd, std::size_t octets) {
  static const long long room = std::getenv("FULL_DISK_ROOM") ? std::atoll(std::getenv("FULL_DISK_ROOM")) : 0;
  if (!in_the_folder(fd)) return true;
  const auto count = static_cast<long long>(octets);
  if (written.fetch_add(count) + count <= room) return true;
  written.fetch_sub(count);
  errno = ENOSPC;
  return false;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* octets, size_t count) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return fits(fd, count) ? real(fd, octets, count) : -1;
}

ssize_t pwrite(int fd, const void* octets, size_t count, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fits(fd, count) ? real(fd, octets, count, at) : -1;
}

ssize_t pwrite64(int fd, const void* octets, size_t count, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return fits(fd, count) ? real(fd, octets, count, at) : -1;
}

}  // extern "C"
