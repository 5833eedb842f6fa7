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

void pair_off(const Group& group, std::vector<Match>& out) {
  const std::size_t pairs = std::min(group.wanted.size(), group.candidates.size());
  for (std::size_t i = 0; i < pairs; ++i) out.push_back({group.wanted[i], group.candidates[i]});
}

bool one_content(const Group& group, const std::vector<Wanted>& wanted) {
  return std::all_of(group.wanted.begin(), group.wanted.end(),
                     [&](std::size_t i) { return wanted[i].digest == wanted[group.wanted.front()].digest; });
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
    // With as many or fewer candidates than copies of one content, which candidate is which copy makes no difference. A
    // surplus of candidates may be other messages with the same headers.
    if (one_content(group, wanted) && group.candidates.size() <= group.wanted.size()) {
      pair_off(group, matching.sure);
    } else {
      for (const std::size_t i : group.candidates) matching.ask.add(candidates[i].uid);
    }
  }
  return matching;
}

std::vector<Match> match_by_digest(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                   const std::vector<KnownDigest>& known, const Matching& before) {
  std::set<std::size_t> wanted_done, candidates_done;
  for (const Match& match : before.sure) {
    wanted_done.insert(match.wanted);
    candidates_done.insert(match.candidate);
  }
  std::map<Uid, Digest> digests;
  for (const KnownDigest& one : known) digests.emplace(one.uid, one.digest);
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
  for (const auto& [digest, group] : groups) pair_off(group, matches);
  return matches;
}

std::vector<Match> match_in_order(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
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
  std::vector<Match> matches;
  for (const auto& [identity, group] : groups) pair_off(group, matches);
  return matches;
}

}  // namespace postern::sync
