#include "core/sync/engine/read_back.h"

#include <map>
#include <string>
#include <utility>

#include "core/base/log.h"
#include "core/sync/engine/target_headers.h"
#include "core/sync/engine/went_back.h"
#include "core/sync/planner/clearing.h"
#include "core/sync/planner/went_back.h"

namespace postern::sync {
namespace {

constexpr std::uint32_t kLongLine = 0xffffffff;

}  // namespace

Task<Result<void>> ReadBack::run() {
  TargetMailbox mailbox(context_, target_, id_, work_.source, work_.target.name, progress_);
  auto opened = co_await mailbox.open();
  if (!opened) co_return opened;
  const bool back = went_back(mailbox, work_.target);
  if (back || mailbox.opened().uidvalidity != work_.target.uidvalidity) {
    work_.due = {};
    if (back) opened = co_await note_went_back(mailbox);
    co_return opened;
  }
  auto done = co_await read(mailbox);
  if (!done) co_return done;
  done = co_await look(mailbox);
  if (!done || others_ == 0) co_return done;
  work_.due = {};
  done = co_await note_went_back(mailbox);
  co_return done;
}

Task<Result<void>> ReadBack::read(TargetMailbox& mailbox) {
  for (const UidSet& part : work_.unread.split(kClearingPart, kLongLine)) {
    auto messages = co_await bound_messages(context_, id_, work_, part);
    if (!messages) co_return fail(messages.error());
    UidSet uids;
    for (const BoundMessage& one : *messages) uids.add(one.binding.target_uid);
    auto known = co_await read_octets(mailbox, std::move(uids));
    if (!known) co_return fail(known.error());
    std::map<Uid, Digest> there;
    for (const KnownDigest& one : *known) there.insert_or_assign(one.uid, one.digest);
    std::vector<BoundMessage> differing;
    for (const BoundMessage& one : *messages) {
      const auto read = there.find(one.binding.target_uid);
      if (read != there.end() && read->second != one.entry.digest) differing.push_back(one);
    }
    const bool keeps_octets = differing.size() < there.size();
    auto anothers = co_await others(mailbox, std::move(differing), keeps_octets);
    if (!anothers) co_return fail(anothers.error());
    others_ += anothers->size();
    Vault::TargetChanges changes;
    for (BoundMessage& one : *messages) {
      const auto read = there.find(one.binding.target_uid);
      if (read == there.end() || anothers->contains(one.binding.target_uid)) continue;
      one.binding.altered = read->second != one.entry.digest;
      if (!one.binding.altered) one.binding.verified = context_.scheduler.wall();
      judge(context_, work_, one.binding);
      changes.bind.push_back(std::move(one.binding));
    }
    if (changes.bind.empty()) continue;
    const std::uint64_t count = changes.bind.size();
    auto noted = co_await context_.vault.commit_target(id_, std::move(changes));
    if (!noted) co_return noted;
    progress_ += count;
  }
  co_return {};
}

/// The digests of those that are handed out. The others cannot be read back, and hold no other message up.
Task<Result<std::vector<KnownDigest>>> ReadBack::read_octets(TargetMailbox& mailbox, UidSet uids) {
  auto known = co_await mailbox.digests_handed_out(uids);
  if (!known) co_return known;
  auto unread = co_await mailbox.not_handed_out(std::move(uids), *known);
  if (!unread) co_return fail(unread.error());
  work_.not_handed_out = work_.not_handed_out.united(*unread);
  co_return known;
}

/// Target UIDs of those, read with other octets, that are other messages rather than altered ones. `keeps_octets`: some
/// of the mailbox are as they were sent.
Task<Result<UidSet>> ReadBack::others(TargetMailbox& mailbox, std::vector<BoundMessage> differing, bool keeps_octets) {
  UidSet found, asked;
  if (differing.empty()) co_return found;
  std::vector<Uid> uids;
  for (const BoundMessage& one : differing) {
    uids.push_back(one.binding.target_uid);
    asked.add(one.binding.target_uid);
  }
  auto ours = co_await identities_of(mailbox, differing);
  if (!ours) co_return fail(ours.error());
  auto headers = co_await read_headers(mailbox, std::move(asked));
  if (!headers) co_return fail(headers.error());
  const std::vector<std::size_t> lost = survivors(*ours, uids, headers->shown, 0).lost;
  if (lost.empty()) co_return found;
  if (!keeps_octets) {
    auto told = co_await tells_anothers(mailbox, *ours, uids, headers->shown);
    if (!told) co_return fail(told.error());
    if (!*told) co_return found;
  }
  for (const std::size_t i : lost) found.add(uids[i]);
  co_return found;
}

/// A message that a person has deleted on the target since stays at the source. That a UID has another header than the
/// message that was read back there is what a restored target shows whose UIDNEXT has caught up.
Task<Result<void>> ReadBack::look(TargetMailbox& mailbox) {
  UidSet due;
  for (const UidSet& part : work_.due.split(kClearingPart, kLongLine)) {
    auto messages = co_await bound_messages(context_, id_, work_, part);
    if (!messages) co_return fail(messages.error());
    if (messages->empty()) continue;
    auto there = co_await still_there(mailbox, std::move(*messages));
    if (!there) co_return fail(there.error());
    there->for_each([&due](Uid uid) { due.add(uid); });
  }
  const std::uint64_t gone = work_.due.size() - due.size();
  if (gone != 0) {
    log::info(context_.options.account + ": " + work_.source.name.display() + ": " + std::to_string(gone) +
              " messages stay at the source, for the target has them no more");
  }
  work_.due = std::move(due);
  co_return {};
}

/// Source UIDs of those of `messages` that are on the target, not marked as deleted.
Task<Result<UidSet>> ReadBack::still_there(TargetMailbox& mailbox, std::vector<BoundMessage> messages) {
  std::vector<Entry> entries;
  std::map<Uid, std::size_t> index;  // by target UID
  UidSet uids;
  for (BoundMessage& one : messages) {
    index.emplace(one.binding.target_uid, entries.size());
    uids.add(one.binding.target_uid);
    entries.push_back(std::move(one.entry));
  }
  auto ours = co_await mailbox.wanted(std::move(entries));
  if (!ours) co_return fail(ours.error());
  UidSet found, ask;
  auto headers = co_await read_headers(mailbox, std::move(uids));
  if (!headers) co_return fail(headers.error());
  work_.not_handed_out = work_.not_handed_out.united(headers->refused);
  for (const TargetMessage& one : headers->shown) {
    const auto at = index.find(one.uid);
    if (at == index.end() || one.flags.contains("\\Deleted")) continue;
    const Wanted& own = (*ours)[at->second];
    const bool same_header = one.identity.header == own.identity.header;
    const bool same_instant = one.internaldate.unix_seconds == own.instant;
    if (same_header && same_instant) found.add(own.place.uid);
    if (!same_header && !same_instant) ++others_;
    if (same_header != same_instant) ask.add(one.uid);
  }
  auto known = co_await read_octets(mailbox, std::move(ask));
  if (!known) co_return fail(known.error());
  for (const KnownDigest& one : *known) {
    const auto at = index.find(one.uid);
    if (at == index.end()) continue;
    const Wanted& own = (*ours)[at->second];
    if (one.digest == own.digest) {
      found.add(own.place.uid);
    } else {
      ++others_;
    }
  }
  co_return found;
}

}  // namespace postern::sync
