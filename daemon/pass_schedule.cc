#include "daemon/pass_schedule.h"

#include <algorithm>
#include <array>

namespace postern::daemon {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr std::array<nanoseconds, 3> kAfterRefusal = {minutes(5), minutes(30), hours(2)};

}  // namespace

PassSchedule::PassSchedule(nanoseconds every, MonotonicTime now, std::size_t index, std::size_t accounts, double chance)
    : every_(every) {
  const nanoseconds slot = std::min<nanoseconds>(seconds(1), every / std::max<std::size_t>(1, accounts));
  due_ = now + slot * index + nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(slot.count()) * chance));
}

void PassSchedule::pass_ended(MonotonicTime began, MonotonicTime ended, const Error* error) {
  due_ = std::max(began + every_, ended);
  const bool refused = error && (error->kind() == ErrorKind::auth || error->kind() == ErrorKind::security);
  refused_ = refused ? refused_ + 1 : 0;
  if (refused) due_ = std::max(due_, ended + kAfterRefusal[std::min(refused_, kAfterRefusal.size()) - 1]);
  if (error && error->retry_after()) due_ = std::max(due_, ended + *error->retry_after());
}

}  // namespace postern::daemon
