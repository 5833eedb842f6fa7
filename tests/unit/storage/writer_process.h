#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <thread>

namespace postern::storage {

/// crash_writer.cc as a process of its own, writing into a vault that has one mailbox. Killed at the end. It runs about
/// two thousand messages ahead of what wait_for() has asked for, and then waits.
class WriterProcess {
 public:
  /// Messages from UID `first` on, every seventh of `large` octets. Settling: with pauses, in which the vault settles.
  WriterProcess(const std::filesystem::path& vault, std::uint32_t first, std::size_t large, bool settling = false);
  ~WriterProcess();
  WriterProcess(const WriterProcess&) = delete;
  WriterProcess& operator=(const WriterProcess&) = delete;

  /// Waits until `uid` or more is durable (or the process has ended) and gives the last durable UID.
  std::uint32_t wait_for(std::uint32_t uid);
  /// Kills it when `count` more commits are durable; gives the last durable UID.
  std::uint32_t kill_after(std::uint32_t count);
  bool running();

 private:
  void read_acknowledged(int from);
  void kill_and_reap();

  pid_t child_ = -1;
  std::thread reading_;
  std::mutex mutex_;
  std::condition_variable changed_;
  static constexpr std::uint32_t kAhead = 1'000;  // and as many more in the pipe
  std::uint32_t last_;
  std::uint32_t wanted_;
  bool killed_ = false;
  bool ended_ = false;
};

}  // namespace postern::storage
