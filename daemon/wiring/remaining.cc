#include "daemon/wiring/remaining.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::daemon {
namespace {

UidSet below(const UidSet& set, Uid uid) {
  return uid.value() <= 1 ? UidSet() : set.intersected(UidSet::range(1, uid.value() - 1));
}

UidSet above(const UidSet& set, Uid uid) {
  return uid.value() == UINT32_MAX ? UidSet() : set.from(Uid(uid.value() + 1));
}

/// The `nth` UID from the lowest up; the highest where there are fewer.
Uid counted_up(const UidSet& set, std::uint64_t nth) {
  for (const UidRange& range : set.ranges()) {
    if (nth <= range.size()) return Uid(static_cast<std::uint32_t>(range.first + nth - 1));
    nth -= range.size();
  }
  return set.max();
}

Error does_not_get_on() {
  return Error(ErrorKind::protocol, "the server cuts its answers short and does not get on")
      .remedy("disable: [MESSAGELIMIT, PARTIAL] makes it be asked in one go");
}

}  // namespace

Result<void> Remaining::answered(const imap::Tagged& tagged, const UidSet& told, std::optional<std::uint32_t> page) {
  const UidSet part = std::move(parts_.back());
  parts_.pop_back();
  if (left_-- == 0) return fail(does_not_get_on());
  const imap::MessageLimit* limit = tagged.code.message_limit();
  if (tagged.error && limit == nullptr) return fail(*tagged.error);
  if (limit != nullptr && (tagged.error || !limit->lowest)) return halve(part);
  const UidSet listed = told.intersected(part);
  UidSet rest;
  if (limit != nullptr) rest = below(part, *limit->lowest);
  // A page that is not the last may be shorter than asked for: only an empty one is the end.
  if (page && !listed.empty()) rest = rest.united(above(part, counted_up(listed, std::max(*page, 1U))));
  if (rest == part) return fail(does_not_get_on());
  if (!rest.empty()) parts_.push_back(std::move(rest));
  return {};
}

Result<void> Remaining::halve(const UidSet& part) {
  if (part.size() == 1) return fail(does_not_get_on());
  auto halves = part.split((part.size() + 1) / 2, SIZE_MAX);
  parts_.insert(parts_.end(), std::make_move_iterator(halves.begin()), std::make_move_iterator(halves.end()));
  return {};
}

}  // namespace postern::daemon
