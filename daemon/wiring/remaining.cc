#include "daemon/wiring/remaining.h"

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

Error does_not_get_on() {
  return Error(ErrorKind::protocol, "the server cuts its answers short and does not get on")
      .remedy("disable: [MESSAGELIMIT, PARTIAL] makes it be asked in one go");
}

}  // namespace

Result<void> Remaining::answered(const imap::Tagged& tagged, const UidSet& told, bool page) {
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
  if (page && !listed.empty()) rest = rest.united(above(part, listed.max()));
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
