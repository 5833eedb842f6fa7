// A sequence set that parses prints to one that parses to the same, in few ranges; its pieces make the whole.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/mail/uid_set.h"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace postern;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto with_star = UidSet::parse(text, 4'294'967'295, 1'000);
  const auto set = UidSet::parse(text, std::nullopt, 1'000);
  must(!set || with_star);
  if (!with_star) return 0;

  must(!with_star->empty() && with_star->ranges().size() <= size);
  std::uint64_t before = 0;
  for (const UidRange& range : with_star->ranges()) {
    must(range.first >= 1 && range.first <= range.last && (before == 0 || range.first > before + 1));
    before = range.last;
  }
  const auto again = UidSet::parse(with_star->to_string());
  must(again && *again == *with_star);

  UidSet whole;
  for (const UidSet& piece : with_star->split(std::uint64_t{1} << 30, 64)) {
    must(piece.size() <= std::uint64_t{1} << 30 && piece.to_string().size() <= 64);
    must(whole.intersected(piece).empty());
    whole = whole.united(piece);
  }
  must(whole == *with_star && whole.without(*with_star).empty());
  return 0;
}
