#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "core/protocol/imap/quirk.h"

namespace postern::daemon {

/// Adds up what the sessions of a pass tolerated. One thread.
class QuirkTally {
 public:
  void add(const imap::QuirkCounts& session) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(imap::Quirk::count_); ++i) {
      const auto quirk = static_cast<imap::Quirk>(i);
      if (session[quirk] != 0) counts_[imap::to_string(quirk)] += session[quirk];
    }
  }
  /// By name; only those that were met.
  const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::string_view, std::uint64_t> counts_;
};

}  // namespace postern::daemon
