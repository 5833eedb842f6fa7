#include "tests/unit/storage/writer_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>

namespace postern::storage {

WriterProcess::WriterProcess(const std::filesystem::path& vault, std::uint32_t first, std::size_t large, bool settling)
    : last_(first - 1), wanted_(first) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  fcntl(ends[1], F_SETPIPE_SZ, 4'096);
  const std::string path = vault.string();
  const std::string uid = std::to_string(first);
  const std::string octets = std::to_string(large);
  child_ = fork();
  if (child_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    execl(POSTERN_CRASH_WRITER, POSTERN_CRASH_WRITER, path.c_str(), uid.c_str(), octets.c_str(),
          settling ? "settling" : nullptr, nullptr);
    _exit(127);
  }
  close(ends[1]);
  reading_ = std::thread([this, from = ends[0]] { read_acknowledged(from); });
}

WriterProcess::~WriterProcess() { kill_and_reap(); }

void WriterProcess::read_acknowledged(int from) {
  std::uint32_t uid = 0;
  while (read(from, &uid, sizeof uid) == sizeof uid) {
    std::unique_lock lock(mutex_);
    EXPECT_EQ(uid, last_ + 1) << "commits are acknowledged in order";
    last_ = uid;
    changed_.notify_all();
    // The pipe fills, and the writer waits.
    changed_.wait(lock, [&] { return last_ < wanted_ + kAhead || killed_; });
  }
  close(from);
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

std::uint32_t WriterProcess::wait_for(std::uint32_t uid) {
  std::unique_lock lock(mutex_);
  wanted_ = std::max(wanted_, uid);
  changed_.notify_all();
  changed_.wait(lock, [&] { return last_ >= uid || ended_; });
  EXPECT_FALSE(ended_) << "the writer ended by itself";
  return last_;
}

std::uint32_t WriterProcess::kill_after(std::uint32_t count) {
  std::uint32_t wanted = 0;
  {
    const std::lock_guard lock(mutex_);
    wanted = last_ + count;
  }
  wait_for(wanted);
  kill_and_reap();
  return last_;
}

bool WriterProcess::running() {
  const std::lock_guard lock(mutex_);
  return !ended_;
}

void WriterProcess::kill_and_reap() {
  if (child_ <= 0) return;
  kill(child_, SIGKILL);
  int status = 0;
  waitpid(child_, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
  child_ = -1;
  {
    const std::lock_guard lock(mutex_);
    killed_ = true;
    changed_.notify_all();
  }
  reading_.join();
}

}  // namespace postern::storage
