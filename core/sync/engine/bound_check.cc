#include "core/sync/engine/bound_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "core/sync/engine/target_headers.h"
#include "core/sync/engine/went_back.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::size_t kHashWindow = 500;  // messages downloaded at a time
constexpr std::uint32_t kLongLine = 0xffffffff;

/// What the octets tell of those that header and date leave open. With the date as it was they need not be: the target
/// may alter them. Those of another one of ours show that the UID is that one's.
class OctetCheck {
 public:
  OctetCheck(TargetMailbox& mailbox, const std::vector<BoundMessage>& messages, const std::vector<Wanted>& ours,
             const std::vector<TargetMessage>& shown)
      : mailbox_(mailbox), messages_(messages), ours_(ours) {
    for (const Wanted& one : ours) contents_.insert(one.digest);
    for (const TargetMessage& one : shown) instants_.emplace(one.uid, one.internaldate.unix_seconds);
  }

  Task<Result<BoundCheck>> run(const std::vector<std::size_t>& ask) {
    BoundCheck check;
    std::map<Uid, std::size_t> asked;
    for (const std::size_t i : ask) {
      asked.emplace(messages_[i].binding.target_uid, i);
      check.doubtful.add(messages_[i].binding.target_uid);
    }
    const UidSet all = check.doubtful;
    for (UidSet& part : all.split(kHashWindow, kLongLine)) {
      auto known = co_await mailbox_.digests_handed_out(std::move(part));
      if (!known) co_return fail(known.error());
      for (const KnownDigest& one : *known) {
        const auto index = asked.find(one.uid);
        if (index != asked.end()) judge(one, index->second, check);
      }
    }
    co_return check;
  }

 private:
  void judge(const KnownDigest& known, std::size_t index, BoundCheck& check) const {
    const Wanted& own = ours_[index];
    const bool same = known.digest == own.digest || known.without_tuid == own.digest;
    const bool anothers = !same && contents_.contains(known.digest);
    const auto instant = instants_.find(known.uid);
    const bool same_instant = instant != instants_.end() && instant->second == own.instant;
    if (anothers) check.went_back = true;
    if (same || (!anothers && (same_instant || messages_[index].binding.altered))) check.doubtful.remove(known.uid);
  }

  TargetMailbox& mailbox_;
  const std::vector<BoundMessage>& messages_;
  const std::vector<Wanted>& ours_;
  std::set<Digest> contents_;
  std::map<Uid, std::int64_t> instants_;
};

}  // namespace

Task<Result<BoundCheck>> check_bound(TargetMailbox& mailbox, std::vector<BoundMessage> messages) {
  BoundCheck check;
  if (messages.empty()) co_return check;
  std::vector<Uid> uids;
  UidSet asked;
  for (const BoundMessage& one : messages) {
    uids.push_back(one.binding.target_uid);
    asked.add(one.binding.target_uid);
  }
  auto ours = co_await identities_of(mailbox, messages);
  if (!ours) co_return fail(ours.error());
  auto headers = co_await read_headers(mailbox, std::move(asked));
  if (!headers) co_return fail(headers.error());
  const Survivors found = survivors(*ours, uids, headers->shown, 0);
  // What the comparison let stand need not be compared again: another page of it is all that makes a difference.
  const bool compared = mailbox.context().compared.contains(mailbox.name().wire());
  if (!found.lost.empty() && !compared) {
    auto told = co_await tells_anothers(mailbox, *ours, uids, headers->shown);
    if (!told) co_return fail(told.error());
    check.went_back = *told;
  }
  if (!check.went_back && !found.ask.empty()) {
    OctetCheck octets(mailbox, messages, *ours, headers->shown);
    auto told = co_await octets.run(found.ask);
    if (!told) co_return told;
    check = std::move(*told);
  }
  check.went_back = check.went_back && !compared;
  for (const std::size_t i : found.lost) check.doubtful.add(uids[i]);
  check.doubtful = check.doubtful.united(headers->refused);
  if (check.went_back) {
    auto noted = co_await note_went_back(mailbox);
    if (!noted) co_return fail(noted.error());
  }
  co_return check;
}

void report_doubtful(Context& context, const MailboxName& name, std::uint64_t doubtful) {
  if (doubtful == 0) return;
  context.problem(Error(ErrorKind::message, std::to_string(doubtful) +
                                                " messages that are to go stay on the target, for neither their dates "
                                                "nor their octets are what was sent there")
                      .remedy("they may be other messages of the same header: look at them, and delete them by hand")
                      .at(name.display())
                      .at(context.options.target));
}

}  // namespace postern::sync
