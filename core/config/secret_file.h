#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"

namespace postern::config {

/// An open file descriptor; closed by the destructor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  int release();
  void reset();

 private:
  int fd_;
};

/// What counts about a file or folder when a secret is read through it.
struct FileFacts {
  mode_t mode = 0;  // with its type
  uid_t owner = 0;
  gid_t group = 0;
  bool read_only_mount = false;
};

/// Who reads.
struct Identity {
  uid_t user = 0;
  std::vector<gid_t> groups;

  static Identity own();
};

/// Whether a secret may come from this file. Pure. A `credential` of systemd is open to a group by its access list.
Result<void> check_secret_file(const FileFacts& file, const Identity& reader, bool credential);

/// Whether a link in this folder may say where the secret is: only when nobody but us and root can change it. Pure.
Result<void> check_link_folder(const FileFacts& folder, const Identity& reader);

/// Opens a file with a secret for reading. What is judged is what has been opened, and the very folder through which it
/// was. Errors are of kind config and end with what to do.
Result<Descriptor> open_secret_file(const std::string& path, bool credential);

}  // namespace postern::config
