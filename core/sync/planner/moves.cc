#include "core/sync/planner/moves.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace postern::sync {

std::vector<Move> pair_moves(std::vector<PlacedObject> vanished, std::vector<PlacedObject> appeared) {
  const auto by_place = [](const PlacedObject& a, const PlacedObject& b) { return a.place < b.place; };
  std::sort(vanished.begin(), vanished.end(), by_place);
  std::sort(appeared.begin(), appeared.end(), by_place);
  std::map<Digest, std::deque<Place>> left;
  for (const PlacedObject& one : vanished) left[one.digest].push_back(one.place);
  std::vector<Move> moves;
  for (const PlacedObject& one : appeared) {
    const auto copies = left.find(one.digest);
    if (copies == left.end()) continue;
    std::deque<Place>& places = copies->second;
    const auto from = std::find_if(places.begin(), places.end(),
                                   [&](const Place& place) { return place.mailbox != one.place.mailbox; });
    if (from == places.end()) continue;
    moves.push_back({*from, one.place});
    places.erase(from);
  }
  return moves;
}

std::vector<Move> pair_moves_within(std::vector<PlacedObject> vanished, std::vector<PlacedObject> appeared,
                                    const std::map<MailboxId, std::string>& targets) {
  struct Group {
    std::vector<PlacedObject> vanished, appeared;
  };
  std::map<std::string, Group> groups;
  std::vector<PlacedObject> anywhere;
  for (PlacedObject& one : vanished) groups[targets.at(one.place.mailbox)].vanished.push_back(std::move(one));
  for (PlacedObject& one : appeared) {
    const auto target = targets.find(one.place.mailbox);
    (target == targets.end() ? anywhere : groups[target->second].appeared).push_back(std::move(one));
  }
  std::vector<Move> moves;
  std::vector<PlacedObject> left;
  for (auto& [target, group] : groups) {
    std::set<Place> moved;
    for (Move& move : pair_moves(group.vanished, std::move(group.appeared))) {
      moved.insert(move.from);
      moves.push_back(std::move(move));
    }
    std::erase_if(group.vanished, [&](const PlacedObject& one) { return moved.contains(one.place); });
    std::move(group.vanished.begin(), group.vanished.end(), std::back_inserter(left));
  }
  std::vector<Move> others = pair_moves(std::move(left), std::move(anywhere));
  moves.insert(moves.end(), others.begin(), others.end());
  std::sort(moves.begin(), moves.end(), [](const Move& a, const Move& b) { return a.to < b.to; });
  return moves;
}

}  // namespace postern::sync
