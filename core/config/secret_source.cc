#include "core/config/secret_source.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "core/config/secret_file.h"

namespace postern::config {

namespace {

constexpr std::size_t kMostOctets = 8 * 1024;
constexpr std::string_view kCredentials = "$CREDENTIALS_DIRECTORY/";

std::string reason(int number) { return std::strerror(number); }  // glibc: thread-safe for known numbers

Result<Secret> accept(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  const bool empty = text.empty();
  const bool broken = text.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos;
  Secret secret(std::move(text));
  cleanse(text);  // a short string leaves its octets behind when it is moved from
  if (empty) return fail(Error(ErrorKind::config, "the secret is empty").remedy("write the password there"));
  if (broken) {
    return fail(Error(ErrorKind::config, "the secret holds a line break or a NUL in its middle")
                    .remedy("leave the password alone in it, on one line"));
  }
  return secret;
}

Error too_long() {
  return Error(ErrorKind::config, "the secret is longer than 8 KiB").remedy("name the right file or command");
}

/// Reads to the end or to one octet more than is allowed.
Result<std::string> read_all(int fd) {
  std::string text(kMostOctets + 1, '\0');  // one allocation: nothing of the secret is left behind by growing
  std::size_t used = 0;
  while (used < text.size()) {
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      cleanse(text);
      return fail(ErrorKind::config, "cannot be read: " + reason(number));
    }
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  if (used > kMostOctets) {
    cleanse(text);
    return fail(too_long());
  }
  text.resize(used);
  return text;
}

Result<Secret> from_file(const std::string& name) {
  std::string path = name;
  const bool credential = name.starts_with(kCredentials);
  if (credential) {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr || *folder == '\0') {
      return fail(Error(ErrorKind::config, "CREDENTIALS_DIRECTORY is not set")
                      .remedy("give LoadCredential= in the systemd unit"));
    }
    path = std::string(folder) + name.substr(kCredentials.size() - 1);
  }
  const auto file = open_secret_file(path, credential);
  if (!file) return fail(file.error());
  auto text = read_all(file->get());
  if (!text) return fail(std::move(text.error()));
  return accept(std::move(*text));
}

Result<Secret> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return fail(Error(ErrorKind::config, "the variable is not set").remedy("set it in the environment of postern"));
  }
  if (std::strlen(value) > kMostOctets) return fail(too_long());
  return accept(value);
}

/// Starts the command in its own process group, with its output in a pipe.
Result<pid_t> spawn(const std::vector<std::string>& argv, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);

  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = -1;
  const int failed = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) {
    return fail(Error(ErrorKind::config, "cannot be started: " + reason(failed)).remedy("check the command's path"));
  }
  return child;
}

/// False when the time is over.
bool wait_readable(int fd, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

/// Fills `text` until the command closes its output; false when the time is over.
bool collect(int fd, std::chrono::steady_clock::time_point deadline, std::string& text, std::size_t& used) {
  while (used < text.size()) {
    if (!wait_readable(fd, deadline)) return false;
    const ssize_t got = ::read(fd, text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    used += static_cast<std::size_t>(got);
  }
  return true;
}

/// Waits for the command's end, killing its whole group once the time is over or there is no more use for it.
std::optional<int> finish(pid_t child, bool wanted, std::chrono::steady_clock::time_point deadline) {
  int status = 0;
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  const bool ended = wanted && process.get() >= 0 && wait_readable(process.get(), deadline);
  if (!ended) ::kill(-child, SIGKILL);
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return std::nullopt;
  }
  return ended ? std::optional(status) : std::nullopt;
}

Result<Secret> from_command(const std::vector<std::string>& argv, std::chrono::milliseconds time) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(ErrorKind::config, "cannot be started: " + reason(errno));
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  const auto child = spawn(argv, input.get());
  input.reset();
  if (!child) return fail(child.error());

  const auto deadline = std::chrono::steady_clock::now() + time;
  std::string text(kMostOctets + 1, '\0');
  std::size_t used = 0;
  const bool in_time = collect(output.get(), deadline, text, used);
  const bool fits = used <= kMostOctets;
  const auto status = finish(*child, in_time && fits, deadline);
  if (!in_time || !fits || !status || !WIFEXITED(*status) || WEXITSTATUS(*status) != 0) {
    cleanse(text);
    if (!fits) return fail(too_long());
    if (!in_time || !status) {
      return fail(Error(ErrorKind::config, "did not end within " + std::to_string(time.count()) + " ms")
                      .remedy("make it print the password and end"));
    }
    const std::string how = WIFEXITED(*status) ? "ended with status " + std::to_string(WEXITSTATUS(*status))
                                               : "was killed by signal " + std::to_string(WTERMSIG(*status));
    return fail(Error(ErrorKind::config, how).remedy("run it by hand to see what it says"));
  }
  text.resize(used);
  return accept(std::move(text));
}

}  // namespace

std::string SecretSource::to_string() const {
  switch (kind) {
    case Kind::file:
      return "password_file " + name;
    case Kind::environment:
      return "password_env " + name;
    case Kind::command:
      return "password_command " + (argv.empty() ? std::string() : argv[0]);
  }
  return {};
}

Result<Secret> load_secret(const SecretSource& source, const SecretLimits& limits) {
  auto secret = source.kind == SecretSource::Kind::file          ? from_file(source.name)
                : source.kind == SecretSource::Kind::environment ? from_environment(source.name)
                                                                 : from_command(source.argv, limits.command_time);
  if (!secret) return fail(std::move(secret.error().at(source.to_string())));
  return secret;
}

}  // namespace postern::config
