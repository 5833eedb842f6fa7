#include "core/mail/flag_set.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/base/bytes.h"

namespace postern {
namespace {

constexpr std::string_view kSystemFlags[] = {"\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen"};

std::string canonical(std::string_view flag) {
  if (flag.starts_with('\\')) {
    for (const std::string_view system : kSystemFlags) {
      if (ascii_iequals(flag, system)) return std::string(system);
    }
  }
  return std::string(flag);
}

bool is_dropped(std::string_view flag) { return flag.empty() || ascii_iequals(flag, "\\Recent"); }

/// RFC 9051 §9 ATOM-CHAR: CHAR but atom-specials.
bool is_atom_char(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
}

}  // namespace

FlagSet::FlagSet(std::initializer_list<std::string_view> flags) {
  for (const std::string_view flag : flags) insert(flag);
}

FlagSet FlagSet::collect(std::vector<std::string> flags) {
  std::erase_if(flags, is_dropped);
  for (std::string& flag : flags) {
    if (flag.front() == '\\') flag = canonical(flag);
  }
  std::stable_sort(flags.begin(), flags.end(), ascii_iless);
  flags.erase(std::unique(flags.begin(), flags.end(), ascii_iequals), flags.end());
  FlagSet set;
  set.flags_ = std::move(flags);
  return set;
}

void FlagSet::insert(std::string_view flag) {
  if (is_dropped(flag)) return;
  const auto it = std::lower_bound(flags_.begin(), flags_.end(), flag, ascii_iless);
  if (it == flags_.end() || !ascii_iequals(*it, flag)) flags_.insert(it, canonical(flag));
}

void FlagSet::erase(std::string_view flag) {
  const auto it = std::lower_bound(flags_.begin(), flags_.end(), flag, ascii_iless);
  if (it != flags_.end() && ascii_iequals(*it, flag)) flags_.erase(it);
}

bool FlagSet::contains(std::string_view flag) const {
  return std::binary_search(flags_.begin(), flags_.end(), flag, ascii_iless);
}

FlagDelta FlagSet::delta_to(const FlagSet& wanted) const {
  FlagDelta delta;
  std::set_difference(wanted.begin(), wanted.end(), begin(), end(), std::back_inserter(delta.add.flags_), ascii_iless);
  std::set_difference(begin(), end(), wanted.begin(), wanted.end(), std::back_inserter(delta.remove.flags_),
                      ascii_iless);
  return delta;
}

FlagSet FlagSet::intersected(const FlagSet& other) const {
  FlagSet both;
  for (const std::string& flag : flags_) {
    if (other.contains(flag)) both.flags_.push_back(flag);
  }
  return both;
}

FlagSet FlagSet::without_keywords() const {
  FlagSet system;
  for (const std::string& flag : flags_) {
    if (flag.starts_with('\\')) system.flags_.push_back(flag);
  }
  return system;
}

FlagSet FlagSet::applied(const FlagDelta& delta) const {
  FlagSet kept;
  std::set_difference(begin(), end(), delta.remove.begin(), delta.remove.end(), std::back_inserter(kept.flags_),
                      ascii_iless);
  FlagSet result;
  std::set_union(kept.begin(), kept.end(), delta.add.begin(), delta.add.end(), std::back_inserter(result.flags_),
                 ascii_iless);
  return result;
}

std::string FlagSet::to_string() const {
  std::string out;
  for (const std::string& flag : flags_) {
    if (!out.empty()) out.push_back(' ');
    out += flag;
  }
  return out;
}

bool operator==(const FlagSet& a, const FlagSet& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), ascii_iequals);
}

bool operator<(const FlagSet& a, const FlagSet& b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), ascii_iless);
}

bool is_valid_flag(std::string_view flag) {
  if (flag.starts_with('\\')) flag.remove_prefix(1);
  return !flag.empty() && std::all_of(flag.begin(), flag.end(), is_atom_char);
}

}  // namespace postern
