#include "core/io/event.h"

namespace postern {

void Event::set() {
  set_ = true;
  for (Waiter* waiter : waiters_) waiter->wake_soon();
}

Task<Result<void>> Event::wait(Wait wait, std::string_view doing) {
  if (set_) co_return {};
  struct Entry {
    Entry(std::list<Waiter*>& all, Waiter* waiter) : list(all), place(all.insert(all.end(), waiter)) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { list.erase(place); }
    std::list<Waiter*>& list;
    std::list<Waiter*>::iterator place;
  };
  Waiter waiter(scheduler_);
  const Entry entry(waiters_, &waiter);
  const Wakeup wakeup = co_await waiter.wait(wait);
  co_return to_result(wakeup, doing);
}

}  // namespace postern
