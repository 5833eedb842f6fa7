#include "tests/support/process/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace postern::testing {
namespace {

using std::chrono::milliseconds;

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void make_pipe(int (&ends)[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) throw_errno("pipe");
}

void close_end(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

std::vector<std::string> environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!added.contains(std::string(text.substr(0, text.find('='))))) result.emplace_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

int remaining(std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

}  // namespace

ChildProcess::ChildProcess(ProcessSpec spec) : own_group_(spec.own_group) {
  // SIGPIPE would end the test when a child stops reading its stdin.
  std::signal(SIGPIPE, SIG_IGN);
  if (own_group_) prctl(PR_SET_CHILD_SUBREAPER, 1);
  int in[2], out[2], err[2], report[2];
  make_pipe(in), make_pipe(out), make_pipe(err), make_pipe(report), make_pipe(stop_pipe_);
  std::vector<std::string> env_strings = environment(spec.env);
  const std::vector<char*> argv = pointers(spec.argv), env = pointers(env_strings);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw_errno("fork");
  if (pid_ == 0) {  // only async-signal-safe calls from here: the test may have threads
    prctl(PR_SET_PDEATHSIG, spec.death_signal);
    if (spec.own_group) setpgid(0, 0);
    bool ready = getppid() == parent;  // else the parent has died already
    ready = ready && dup2(in[0], 0) >= 0 && dup2(out[1], 1) >= 0 && dup2(err[1], 2) >= 0;
    ready = ready && (spec.directory.empty() || chdir(spec.directory.c_str()) == 0);
    ::signal(SIGPIPE, SIG_DFL);
    if (ready) execvpe(argv[0], argv.data(), env.data());
    const int error = errno;
    [[maybe_unused]] const auto written = ::write(report[1], &error, sizeof error);
    _exit(127);
  }
  close_end(in[0]), close_end(out[1]), close_end(err[1]), close_end(report[1]);
  int error = 0;
  const bool failed = ::read(report[0], &error, sizeof error) == sizeof error;  // exec closes it without a word
  close_end(report[0]);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pump_ =
      std::thread([this, w = in[1], o = out[0], e = err[0], input = std::move(spec.input)] { pump(w, o, e, input); });
  if (failed) {
    reap();
    errno = error;
    throw_errno("cannot run " + spec.argv[0]);
  }
}

ChildProcess::~ChildProcess() {
  if (running()) ::kill(own_group_ ? -pid_ : pid_, SIGKILL);
  reap();
}

void ChildProcess::reap() {
  wait(std::chrono::minutes(1));
  close_end(stop_pipe_[1]);
  if (pump_.joinable()) pump_.join();
  close_end(stop_pipe_[0]);
  close_end(pidfd_);
}

bool ChildProcess::running() { return !wait(milliseconds(0)); }

void ChildProcess::send_signal(int signal) {
  if (!ended_) ::kill(pid_, signal);  // not reaped, so the id is still its own
}

std::optional<ExitStatus> ChildProcess::wait(milliseconds limit) {
  if (ended_) return ended_;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  pollfd ended{pidfd_, POLLIN, 0};
  while (poll(&ended, 1, remaining(deadline)) < 0 && errno == EINTR) {
  }
  if ((ended.revents & POLLIN) == 0) return std::nullopt;
  if (own_group_) ::kill(-pid_, SIGKILL);  // not reaped yet, so the group is still its own
  int status = 0;
  rusage used{};
  if (wait4(pid_, &status, 0, &used) != pid_) return std::nullopt;
  peak_memory_ = static_cast<std::uint64_t>(used.ru_maxrss) * 1024;
  // Orphans of the group have become this process's children (see the constructor).
  while (own_group_ && (::waitpid(-pid_, nullptr, 0) > 0 || errno == EINTR)) {
  }
  ended_ = WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
  // Its last words are in the pipes by now; a grandchild may keep them open, but is not waited for.
  close_end(stop_pipe_[1]);
  if (pump_.joinable()) pump_.join();
  return ended_;
}

std::string ChildProcess::output() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

std::string ChildProcess::errors() const {
  const std::lock_guard lock(mutex_);
  return err_;
}

bool ChildProcess::wait_for(const std::string& stream, std::string_view text, milliseconds limit) {
  std::unique_lock lock(mutex_);
  std::size_t searched = 0;
  const auto found = [&] {
    const bool hit = stream.find(text, searched) != std::string::npos;
    searched = stream.size() > text.size() ? stream.size() - text.size() : 0;
    return hit;
  };
  bool hit = found();
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!hit && !drained_ && more_.wait_until(lock, deadline) == std::cv_status::no_timeout) hit = found();
  return hit || found();
}

bool ChildProcess::wait_for_output(std::string_view text, milliseconds limit) { return wait_for(out_, text, limit); }
bool ChildProcess::wait_for_errors(std::string_view text, milliseconds limit) { return wait_for(err_, text, limit); }

void ChildProcess::pump(int in, int out, int err, std::string input) {
  fcntl(in, F_SETFL, O_NONBLOCK);
  std::array<char, 65536> buffer;
  std::size_t written = 0;
  while (out >= 0 || err >= 0) {
    if (in >= 0 && written == input.size()) close_end(in);
    std::array<pollfd, 4> fds{{{out, POLLIN, 0}, {err, POLLIN, 0}, {in, POLLOUT, 0}, {stop_pipe_[0], POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[2].revents != 0) {
      const ssize_t n = ::write(in, input.data() + written, input.size() - written);
      if (n > 0) written += static_cast<std::size_t>(n);
      if (n < 0 && errno != EAGAIN) close_end(in);
    }
    for (int* fd : {&out, &err}) {
      if (fds[fd == &out ? 0 : 1].revents == 0) continue;
      const ssize_t n = ::read(*fd, buffer.data(), buffer.size());
      if (n <= 0) {
        close_end(*fd);
        continue;
      }
      const std::lock_guard lock(mutex_);
      (fd == &out ? out_ : err_).append(buffer.data(), static_cast<std::size_t>(n));
      more_.notify_all();
    }
    const bool ended = fds[3].revents != 0;
    if (ended && fds[0].revents == 0 && fds[1].revents == 0) break;
  }
  close_end(in), close_end(out), close_end(err);
  const std::lock_guard lock(mutex_);
  drained_ = true;
  more_.notify_all();
}

Finished run_process(ProcessSpec spec, milliseconds limit) {
  ChildProcess child(std::move(spec));
  std::optional<ExitStatus> status = child.wait(limit);
  if (!status) {
    child.send_signal(SIGKILL);
    status = child.wait(std::chrono::minutes(1));
  }
  return {status.value_or(ExitStatus{0, SIGKILL}), child.output(), child.errors(), child.peak_memory()};
}

}  // namespace postern::testing
