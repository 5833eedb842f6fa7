#include "core/sync/planner/sessions.h"

#include <algorithm>

namespace postern::sync {
namespace {

constexpr std::uint64_t kMessages = 1'000;  // some seconds of a slow server, against a login of a few round trips
constexpr std::uint64_t kMailboxes = 8;

}  // namespace

unsigned sessions_worth(const WorkLeft& left, unsigned most) {
  const std::uint64_t further = std::max(left.messages / kMessages, left.mailboxes / kMailboxes);
  return static_cast<unsigned>(std::min<std::uint64_t>(std::max(most, 1U), 1 + further));
}

}  // namespace postern::sync
