#include "core/sync/planner/matching.h"

#include <algorithm>
#include <map>
#include <set>

namespace postern::sync {
namespace {

struct Group {
  std::vector<std::size_t> wanted;
  std::vector<std::size_t> candidates;
};

/// Neither a server that states no date nor one that states the epoch or 1899 for it says anything by it.
bool is_date(std::int64_t instant) { return instant > 0; }

/// Pairs what has one INTERNALDATE, copies with their flags first; gives what is left, in order.
Group pair_equal_instants(const Group& group, const std::vector<Wanted>& wanted,
                          const std::vector<Candidate>& candidates, std::vector<Match>& out) {
  std::multimap<std::int64_t, std::size_t> by_instant;
  Group left = group;
  std::set<std::size_t> candidates_left(group.candidates.begin(), group.candidates.end());
  for (const std::size_t i : group.candidates) {
    if (is_date(candidates[i].instant)) by_instant.emplace(candidates[i].instant, i);
  }
  for (const bool with_flags : {true, false}) {
    std::erase_if(left.wanted, [&](std::size_t i) {
      const auto [first, last] = by_instant.equal_range(wanted[i].instant);
      const auto found = std::find_if(
          first, last, [&](const auto& one) { return !with_flags || wanted[i].flags == candidates[one.second].flags; });
      if (found == last) return false;
      out.push_back({i, found->second});
      candidates_left.erase(found->second);
      by_instant.erase(found);
      return true;
    });
  }
  left.candidates.assign(candidates_left.begin(), candidates_left.end());
  return left;
}

/// Which of a group's candidates is which of its messages makes no difference but to the date.
void pair_off(const Group& group, const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
              std::vector<Match>& out) {
  const Group left = pair_equal_instants(group, wanted, candidates, out);
  const std::size_t pairs = std::min(left.wanted.size(), left.candidates.size());
  for (std::size_t i = 0; i < pairs; ++i) out.push_back({left.wanted[i], left.candidates[i]});
}

/// What is left of each identity.
std::vector<Group> open_groups(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                               const Matching& before) {
  std::set<std::size_t> wanted_done, candidates_done;
  for (const Match& match : before.sure) {
    wanted_done.insert(match.wanted);
    candidates_done.insert(match.candidate);
  }
  std::map<Identity, Group> groups;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted_done.contains(i)) groups[wanted[i].identity].wanted.push_back(i);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto group = groups.find(candidates[i].identity);
    if (!candidates_done.contains(i) && group != groups.end()) group->second.candidates.push_back(i);
  }
  std::vector<Group> open;
  for (auto& [identity, group] : groups) open.push_back(std::move(group));
  return open;
}

/// The same whatever the sizes are.
std::vector<Group> open_headers(std::vector<Wanted> wanted, std::vector<Candidate> candidates, const Matching& before) {
  for (Wanted& one : wanted) one.identity.size = 0;
  for (Candidate& one : candidates) one.identity.size = 0;
  return open_groups(wanted, candidates, before);
}

bool one_content(const Group& group, const std::vector<Wanted>& wanted) {
  return std::all_of(group.wanted.begin(), group.wanted.end(),
                     [&](std::size_t i) { return wanted[i].digest == wanted[group.wanted.front()].digest; });
}

std::vector<Match> match_digests(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                 const std::map<Uid, Digest>& digests, const Matching& before) {
  std::set<std::size_t> wanted_done, candidates_done;
  for (const Match& match : before.sure) {
    wanted_done.insert(match.wanted);
    candidates_done.insert(match.candidate);
  }
  std::map<Digest, Group> groups;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted_done.contains(i)) groups[wanted[i].digest].wanted.push_back(i);
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto digest = digests.find(candidates[i].uid);
    if (candidates_done.contains(i) || digest == digests.end()) continue;
    const auto group = groups.find(digest->second);
    if (group != groups.end()) group->second.candidates.push_back(i);
  }
  std::vector<Match> matches;
  for (const auto& [digest, group] : groups) pair_off(group, wanted, candidates, matches);
  return matches;
}

}  // namespace

Matching match_by_identity(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates) {
  std::map<Identity, Group> groups;
  for (std::size_t i = 0; i < wanted.size(); ++i) groups[wanted[i].identity].wanted.push_back(i);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto found = groups.find(candidates[i].identity);
    if (found != groups.end()) found->second.candidates.push_back(i);
  }
  Matching matching;
  for (const auto& [identity, group] : groups) {
    if (group.candidates.empty()) continue;
    // Messages without a Message-ID, drafts and notes, may share header and size and not be the same: the instant has
    // to agree too. A surplus of candidates may be other messages of that very second.
    const bool told_apart_by_date = one_content(group, wanted) && group.candidates.size() <= group.wanted.size();
    const Group open = told_apart_by_date ? pair_equal_instants(group, wanted, candidates, matching.sure) : group;
    for (const std::size_t i : open.candidates) matching.ask.add(candidates[i].uid);
  }
  return matching;
}

std::vector<Match> match_by_digest(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                   const std::vector<KnownDigest>& known, const Matching& before) {
  std::map<Uid, Digest> digests;
  for (const KnownDigest& one : known) digests.emplace(one.uid, one.digest);
  return match_digests(wanted, candidates, digests, before);
}

UidSet maybe_with_tuid(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates) {
  std::set<Identity> altered;
  for (const Wanted& one : wanted) {
    altered.insert({one.identity.header, one.identity.size + kTuidOctets});
  }
  UidSet uids;
  for (const Candidate& one : candidates) {
    if (altered.contains(one.identity)) uids.add(one.uid);
  }
  return uids;
}

std::vector<Match> match_without_tuid(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                      const std::vector<KnownDigest>& known, const Matching& before) {
  std::map<Uid, Digest> digests;
  for (const KnownDigest& one : known) {
    if (one.without_tuid) digests.emplace(one.uid, *one.without_tuid);
  }
  return match_digests(wanted, candidates, digests, before);
}

std::vector<UidSet> ask_in_windows(const std::vector<Candidate>& candidates, const UidSet& ask, std::size_t most) {
  std::map<Identity, std::vector<Uid>> groups;
  for (const Candidate& one : candidates) {
    if (ask.contains(one.uid)) groups[one.identity].push_back(one.uid);
  }
  std::vector<UidSet> windows;
  for (const auto& [identity, uids] : groups) {
    if (windows.empty() || windows.back().size() + uids.size() > most) windows.emplace_back();
    for (const Uid uid : uids) windows.back().add(uid);
  }
  return windows;
}

std::vector<std::size_t> held_back(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                   const UidSet& unread, const Matching& before) {
  std::set<Identity> maybe;
  for (const Candidate& one : candidates) {
    if (!unread.contains(one.uid)) continue;
    maybe.insert(one.identity);
    if (one.identity.size >= kTuidOctets) maybe.insert({one.identity.header, one.identity.size - kTuidOctets});
  }
  std::set<std::size_t> done;
  for (const Match& match : before.sure) done.insert(match.wanted);
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!done.contains(i) && maybe.contains(wanted[i].identity)) held.push_back(i);
  }
  return held;
}

std::vector<Match> match_altered(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                 const Matching& before) {
  std::vector<Match> matches;
  for (const Group& group : open_groups(wanted, candidates, before)) {
    pair_equal_instants(group, wanted, candidates, matches);
  }
  return matches;
}

std::vector<Match> match_resized(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                 const Matching& before) {
  std::vector<Match> matches;
  for (const Group& of_header : open_headers(wanted, candidates, before)) {
    std::map<std::int64_t, Group> by_instant;
    for (const std::size_t i : of_header.wanted) by_instant[wanted[i].instant].wanted.push_back(i);
    for (const std::size_t i : of_header.candidates) by_instant[candidates[i].instant].candidates.push_back(i);
    for (const auto& [instant, group] : by_instant) {
      if (!is_date(instant) || group.wanted.empty()) continue;
      const bool told_apart = group.wanted.size() == group.candidates.size() || one_content(group, wanted);
      if (told_apart) pair_off(group, wanted, candidates, matches);
    }
  }
  return matches;
}

std::vector<Match> match_headers_in_order(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                          const Matching& before) {
  std::vector<Match> matches;
  for (const Group& group : open_headers(wanted, candidates, before)) {
    if (group.wanted.size() == group.candidates.size()) pair_off(group, wanted, candidates, matches);
  }
  return matches;
}

std::vector<Match> match_in_order(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                  const Matching& before) {
  std::vector<Match> matches;
  for (const Group& group : open_groups(wanted, candidates, before)) pair_off(group, wanted, candidates, matches);
  return matches;
}

}  // namespace postern::sync
