#include "core/sync/planner/moves.h"

#include <algorithm>
#include <deque>
#include <map>

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

}  // namespace postern::sync
