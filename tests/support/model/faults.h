#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/io/event.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"

namespace postern::testing {

/// What happens at a port call.
enum class Fault : std::uint8_t {
  none,
  cut_before,     // the connection breaks before anything is done
  cut_after,      // it is done, and the answer is lost
  cut_undone,     // APPEND: sent whole, the answer lost, and never stored
  cut_late,       // APPEND: sent whole, the answer lost, stored half a minute later
  killed_before,  // the process ends there: the call never returns
  killed_after,   // it is done, and the process ends
};

/// Counts the port calls of source, target and vault together and says what happens at each. Calls are named
/// "source.fetch", "vault.commit"….
class Faults {
 public:
  explicit Faults(Scheduler& scheduler) : never_(scheduler) {}

  /// One fault, at the `call`-th call from now (1 is the next).
  void at(std::uint64_t call, Fault fault) {
    chosen_ = [this, due = calls_ + call, fault](std::string_view) { return calls_ == due ? fault : Fault::none; };
  }
  /// At the `n`-th call of that name from now.
  void at(std::string name, int n, Fault fault) {
    chosen_ = [name = std::move(name), left = n, fault](std::string_view call) mutable {
      return call == name && --left == 0 ? fault : Fault::none;
    };
  }
  void choose(std::function<Fault(std::string_view)> choice) { chosen_ = std::move(choice); }
  void clear() { chosen_ = nullptr; }

  std::uint64_t calls() const { return calls_; }
  int calls_of(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? 0 : found->second;
  }
  void forget_counts() { by_name_.clear(); }

  Fault next(std::string_view name) {
    ++calls_;
    ++by_name_[std::string(name)];
    if (dead_) return Fault::killed_before;
    return chosen_ ? chosen_(name) : Fault::none;
  }
  /// Never returns: the test destroys the pass.
  Task<void> killed() {
    dead_ = true;
    co_await never_.wait(Wait{});
  }
  /// The process ends now: no call returns any more.
  void kill() { dead_ = true; }
  /// A new process: until then nothing goes on where one was killed.
  void start() { dead_ = false; }
  static Error cut() { return Error(ErrorKind::transient, "connection reset by peer"); }

 private:
  Event never_;
  bool dead_ = false;
  std::uint64_t calls_ = 0;
  std::map<std::string, int> by_name_;
  std::function<Fault(std::string_view)> chosen_;
};

}  // namespace postern::testing
