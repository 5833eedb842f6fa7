#pragma once

#include <cstdint>

namespace postern::sync {

/// What is left to do on one side of a pass, as far as statuses or the history tell.
struct WorkLeft {
  std::uint64_t mailboxes = 0;
  std::uint64_t messages = 0;
};

/// How many sessions pay for their logins: one, and a further one for each 1,000 messages or 8 mailboxes, up to `most`.
unsigned sessions_worth(const WorkLeft& left, unsigned most);

}  // namespace postern::sync
