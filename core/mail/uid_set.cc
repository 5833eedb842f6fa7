#include "core/mail/uid_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace postern {
namespace {

constexpr std::size_t kMostDigits = 10;

std::size_t digits(std::uint32_t number) {
  std::size_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

/// What "first" or "first:last" takes in print.
std::size_t printed_size(const UidRange& range) {
  return digits(range.first) + (range.first == range.last ? 0 : 1 + digits(range.last));
}

void append_number(std::string& out, std::uint32_t number) {
  char buffer[kMostDigits];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

tl::unexpected<Error> bad_set(std::string_view why) {
  return fail(ErrorKind::protocol, fmt::format("malformed UID set: {}", why));
}

/// seq-number = nz-number / "*"
Result<std::uint32_t> parse_number(std::string_view text, std::optional<std::uint32_t> star) {
  if (text == "*") {
    if (!star || *star == 0) return bad_set("\"*\" where it has no meaning");
    return *star;
  }
  if (text.empty()) return bad_set("a number is missing");
  if (text.size() > kMostDigits) return bad_set("a number has more than ten digits");
  if (text.front() == '0') return bad_set("a number starts with 0");
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return bad_set("not a number of 32 bits");
  return number;
}

/// seq-range = seq-number [":" seq-number], in either order.
Result<UidRange> parse_part(std::string_view part, std::optional<std::uint32_t> star) {
  const std::size_t colon = part.find(':');
  const auto first = parse_number(part.substr(0, colon), star);
  if (!first) return tl::unexpected(first.error());
  if (colon == std::string_view::npos) return UidRange{*first, *first};
  const auto last = parse_number(part.substr(colon + 1), star);
  if (!last) return tl::unexpected(last.error());
  return UidRange{std::min(*first, *last), std::max(*first, *last)};
}

bool starts_before(const UidRange& a, const UidRange& b) { return a.first < b.first; }
bool ends_before(const UidRange& range, std::uint32_t uid) { return range.last < uid; }

}  // namespace

UidSet::UidSet(std::initializer_list<std::uint32_t> uids) {
  for (const std::uint32_t uid : uids) add(Uid(uid));
}

UidSet UidSet::range(std::uint32_t first, std::uint32_t last) {
  UidSet set;
  set.add(UidRange{std::min(first, last), std::max(first, last)});
  return set;
}

UidSet UidSet::collect(std::vector<UidRange> ranges) {
  if (!std::is_sorted(ranges.begin(), ranges.end(), starts_before)) {
    std::sort(ranges.begin(), ranges.end(), starts_before);
  }
  UidSet set;
  for (const UidRange& range : ranges) set.add(range);
  return set;
}

Result<UidSet> UidSet::parse(std::string_view text, std::optional<std::uint32_t> star, std::size_t max_ranges) {
  std::vector<UidRange> ranges;
  for (;;) {
    const std::size_t comma = text.find(',');
    if (ranges.size() == max_ranges) return bad_set(fmt::format("more than {} parts", max_ranges));
    const auto part = parse_part(text.substr(0, comma), star);
    if (!part) return tl::unexpected(part.error());
    ranges.push_back(*part);
    if (comma == std::string_view::npos) return collect(std::move(ranges));
    text.remove_prefix(comma + 1);
  }
}

/// For a range that starts at or after the last one's start.
void UidSet::append_merging(UidRange range) {
  if (!ranges_.empty() && range.first <= std::uint64_t{ranges_.back().last} + 1) {
    ranges_.back().last = std::max(ranges_.back().last, range.last);
  } else {
    ranges_.push_back(range);
  }
}

void UidSet::add(UidRange range) {
  range.first = std::max<std::uint32_t>(range.first, 1);
  if (range.last < range.first) return;
  if (ranges_.empty() || range.first >= ranges_.back().first) return append_merging(range);
  // [begin, end) are the ranges that the new one overlaps or touches.
  const auto begin = std::lower_bound(ranges_.begin(), ranges_.end(), range.first - 1, ends_before);
  const auto end =
      std::find_if(begin, ranges_.end(), [&](const UidRange& r) { return r.first > std::uint64_t{range.last} + 1; });
  if (begin == end) {
    ranges_.insert(begin, range);
    return;
  }
  begin->first = std::min(begin->first, range.first);
  begin->last = std::max(std::prev(end)->last, range.last);
  ranges_.erase(std::next(begin), end);
}

void UidSet::remove(Uid uid) {
  const auto it = std::lower_bound(ranges_.begin(), ranges_.end(), uid.value(), ends_before);
  if (it == ranges_.end() || it->first > uid.value()) return;
  if (it->first == it->last) {
    ranges_.erase(it);
  } else if (it->first == uid.value()) {
    ++it->first;
  } else if (it->last == uid.value()) {
    --it->last;
  } else {
    const UidRange above{uid.value() + 1, it->last};
    it->last = uid.value() - 1;
    ranges_.insert(std::next(it), above);
  }
}

bool UidSet::contains(Uid uid) const {
  const auto it = std::lower_bound(ranges_.begin(), ranges_.end(), uid.value(), ends_before);
  return it != ranges_.end() && it->first <= uid.value();
}

std::uint64_t UidSet::size() const {
  std::uint64_t total = 0;
  for (const UidRange& range : ranges_) total += range.size();
  return total;
}

UidSet UidSet::united(const UidSet& other) const {
  UidSet result;
  result.ranges_.reserve(std::max(ranges_.size(), other.ranges_.size()));
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() || b != other.ranges_.end()) {
    const bool take_a = b == other.ranges_.end() || (a != ranges_.end() && a->first <= b->first);
    result.append_merging(take_a ? *a++ : *b++);
  }
  return result;
}

UidSet UidSet::intersected(const UidSet& other) const {
  UidSet result;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const UidRange common{std::max(a->first, b->first), std::min(a->last, b->last)};
    if (common.first <= common.last) result.ranges_.push_back(common);
    if (a->last < b->last) {
      ++a;
    } else {
      ++b;
    }
  }
  return result;
}

UidSet UidSet::without(const UidSet& other) const {
  UidSet result;
  auto b = other.ranges_.begin();
  for (const UidRange& range : ranges_) {
    std::uint64_t next = range.first;  // the lowest UID of this range that is not decided yet
    while (b != other.ranges_.end() && b->last < next) ++b;
    for (; b != other.ranges_.end() && b->first <= range.last; ++b) {
      if (b->first > next) result.ranges_.push_back({static_cast<std::uint32_t>(next), b->first - 1});
      next = std::uint64_t{b->last} + 1;
      if (b->last >= range.last) break;  // it may reach into the next range as well
    }
    if (next <= range.last) result.ranges_.push_back({static_cast<std::uint32_t>(next), range.last});
  }
  return result;
}

UidSet UidSet::from(Uid first) const {
  UidSet result;
  const auto it = std::lower_bound(ranges_.begin(), ranges_.end(), first.value(), ends_before);
  result.ranges_.assign(it, ranges_.end());
  if (!result.ranges_.empty()) result.ranges_.front().first = std::max(result.ranges_.front().first, first.value());
  return result;
}

std::string UidSet::to_string() const {
  std::string out;
  for (const UidRange& range : ranges_) {
    if (!out.empty()) out.push_back(',');
    append_number(out, range.first);
    if (range.first == range.last) continue;
    out.push_back(':');
    append_number(out, range.last);
  }
  return out;
}

std::vector<UidSet> UidSet::split(std::uint64_t max_uids, std::size_t max_octets) const {
  max_uids = std::max<std::uint64_t>(max_uids, 1);
  std::vector<UidSet> sets;
  UidSet current;
  std::uint64_t uids = 0;
  std::size_t octets = 0;
  const auto finish = [&] {
    sets.push_back(std::exchange(current, {}));
    uids = 0;
    octets = 0;
  };
  for (const UidRange& range : ranges_) {
    for (std::uint64_t next = range.first; next <= range.last;) {
      UidRange piece{static_cast<std::uint32_t>(next), range.last};
      const std::uint64_t take = std::min(max_uids - uids, piece.size());
      piece.last = static_cast<std::uint32_t>(next + take - 1);
      const bool fits = octets + printed_size(piece) + (octets == 0 ? 0 : 1) <= max_octets;
      if (!fits && !current.empty()) {
        finish();
        continue;
      }
      if (!fits) piece.last = piece.first;
      octets += printed_size(piece) + (octets == 0 ? 0 : 1);
      uids += piece.size();
      current.ranges_.push_back(piece);
      next = std::uint64_t{piece.last} + 1;
      if (uids == max_uids) finish();
    }
  }
  if (!current.empty()) finish();
  return sets;
}

}  // namespace postern
