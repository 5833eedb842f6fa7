#include "core/sync/planner/dropped_flags.h"

#include <string>

namespace postern::sync {

FlagSet dropped_flags(const std::vector<ReadBack>& messages) {
  FlagSet sent, kept;
  for (const ReadBack& one : messages) {
    for (const std::string& flag : one.sent) (one.now.contains(flag) ? kept : sent).insert(flag);
  }
  for (const std::string& flag : kept) sent.erase(flag);
  return sent;
}

}  // namespace postern::sync
