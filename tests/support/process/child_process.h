#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace postern::testing {

/// What to run. `argv[0]` is looked up in PATH. `env` is added to the test's own environment.
struct ProcessSpec {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env = {};
  std::string input = {};  // its stdin, then end of file
  std::filesystem::path directory = {};
  bool own_group = false;      // children that it leaves behind in its process group are killed when it ends
  int death_signal = SIGKILL;  // what it gets when the thread that started it ends
};

struct ExitStatus {
  int code = 0;    // when signal is 0
  int signal = 0;  // what killed it
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// A running program. Killed and reaped by the destructor, and by the kernel should the test die first.
class ChildProcess {
 public:
  explicit ChildProcess(ProcessSpec spec);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void send_signal(int signal);
  /// Waits for the end; nullopt when it still runs after `limit`.
  std::optional<ExitStatus> wait(std::chrono::milliseconds limit);

  /// The most memory it had resident at once, in octets; 0 before wait() has seen its end. What this process had when
  /// it started the child counts too.
  std::uint64_t peak_memory() const { return peak_memory_; }

  /// What it has written so far.
  std::string output() const;
  std::string errors() const;
  /// Waits until stdout, stderr respectively, contains `text`; false when it has ended, or `limit` has passed, without.
  bool wait_for_output(std::string_view text, std::chrono::milliseconds limit);
  bool wait_for_errors(std::string_view text, std::chrono::milliseconds limit);

 private:
  void pump(int in, int out, int err, std::string input);
  bool wait_for(const std::string& stream, std::string_view text, std::chrono::milliseconds limit);
  void reap();

  bool own_group_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<ExitStatus> ended_;
  std::uint64_t peak_memory_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::string out_, err_;  // under mutex_
  bool drained_ = false;   // under mutex_; nothing more will come
  int stop_pipe_[2] = {-1, -1};
  std::thread pump_;
};

struct Finished {
  ExitStatus status;
  std::string out, err;
  std::uint64_t peak_memory = 0;  // ChildProcess::peak_memory()
};

/// Runs a program to its end. One that is not done within `limit` is killed and reported as SIGKILLed.
Finished run_process(ProcessSpec spec, std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace postern::testing
