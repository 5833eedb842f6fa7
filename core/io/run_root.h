#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/io/driver.h"
#include "core/io/task.h"

namespace postern::detail {

template <class T>
Driver drive_root(Task<T> task, std::optional<T>& value, bool& done, std::function<void()> on_done) {
  value.emplace(co_await std::move(task));
  done = true;
  on_done();
}

inline Driver drive_root(Task<void> task, bool& done, std::function<void()> on_done) {
  co_await std::move(task);
  done = true;
  on_done();
}

/// Starts `task`, calls turn(done) to run the loop until `done` is true, and returns the task's result. on_done is
/// called inside the loop at that moment.
template <class T, class Turn>
T run_root(Task<T> task, std::function<void()> on_done, Turn turn) {
  bool done = false;
  if constexpr (std::is_void_v<T>) {
    const Driver driver = drive_root(std::move(task), done, std::move(on_done));
    turn(done);
  } else {
    std::optional<T> value;
    const Driver driver = drive_root<T>(std::move(task), value, done, std::move(on_done));
    turn(done);
    return std::move(*value);
  }
}

}  // namespace postern::detail
