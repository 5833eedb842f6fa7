#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace postern {

/// INTERNALDATE (RFC 9051 §2.3.3): an instant and the zone it was written in, both kept.
struct InternalDate {
  std::int64_t unix_seconds = 0;  // since 1970-01-01T00:00:00Z; negative before
  std::int16_t zone_minutes = 0;  // east of UTC, -1439..1439

  /// RFC 9051 §9 date-time without its quotes: "17-Jul-1996 02:44:25 -0700", day padded by a space or a zero.
  /// Refuses what is no date: 31 February, hour 24, zone +2400. Second 60 reads as 59.
  static Result<InternalDate> parse(std::string_view date_time);
  /// The same form, without quotes; years 0001 to 9999.
  std::string to_imap() const;
  /// RFC 3339: "2002-08-22T12:36:23+01:00".
  std::string to_rfc3339() const;

  bool same_instant(const InternalDate& other) const { return unix_seconds == other.unix_seconds; }
  friend bool operator==(const InternalDate&, const InternalDate&) = default;
};

}  // namespace postern
