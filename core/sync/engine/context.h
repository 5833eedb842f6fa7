#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/sync/engine/flag_wishes.h"
#include "core/sync/engine/quarantine.h"
#include "core/sync/engine/reuse_pool.h"
#include "core/sync/pass.h"
#include "core/sync/planner/quota.h"
#include "core/sync/planner/suspects.h"

namespace postern::sync {

/// What the target was seen to do with flags of appended messages.
enum class AppendFlags : std::uint8_t {
  kept,    // as far as was seen
  stored,  // dropped, and kept by STORE
  lost,    // not kept by STORE either: it is no use to try
};

/// What every part of one pass works with. Lives in run_pass()'s frame, longer than all of them.
struct Context {
  const PassOptions& options;
  Vault& vault;
  Scheduler& scheduler;
  Progress& progress;
  Wait wait;
  PassReport& report;
  Quarantine& quarantine;
  ReusePool& reuse;
  BodyCount bodies = {};                      // of this side of the pass
  std::map<MailboxId, int> rename_cuts = {};  // connections that broke in the RENAME of its target mailbox
  AppendFlags append_flags = AppendFlags::kept;
  Quotas quotas = {};                                           // of the target
  std::map<MailboxId, std::vector<OverQuota>> over_quota = {};  // what waits for room there, by source mailbox
  FlagWishes* own_flags = nullptr;  // what the target changed by itself; null: nobody asks for it
  UnsettledFlags unsettled = {};
  std::set<std::string> went_back = {};  // target mailboxes of which that was reported, by wire name …
  std::set<std::string> compared = {};   // … and those that were compared

  /// Something that needs a person; the pass goes on.
  void problem(Error error) { report.problems.push_back(std::move(error).at(options.account)); }
  /// A deviation of a server that was tolerated: a name of planner/quirk.h.
  void tolerated(std::string_view quirk, std::uint64_t times = 1) {
    if (times != 0) report.quirks[quirk] += times;
  }
  bool is_unsettled(MailboxId mailbox, Uid uid) const {
    const auto found = unsettled.find(mailbox);
    return found != unsettled.end() && found->second.contains(uid);
  }
  bool wants(const MailboxName& name) const { return !options.selects || options.selects(name); }
};

}  // namespace postern::sync
