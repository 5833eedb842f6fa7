#include "core/mail/internal_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/bytes.h"

namespace postern {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t kWidth = std::string_view("17-Jul-1996 02:44:25 -0700").size();
constexpr std::int64_t kFirst =
    sys_seconds(sys_days(year_month_day(std::chrono::year(1) / 1 / 1))).time_since_epoch().count();
constexpr std::int64_t kEnd =
    sys_seconds(sys_days(year_month_day(std::chrono::year(10000) / 1 / 1))).time_since_epoch().count();
constexpr int kMostZoneMinutes = 23 * 60 + 59;

/// The number in all of `text`; none unless every character is a digit.
std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::optional<unsigned> month_number(std::string_view name) {
  for (unsigned i = 0; i < std::size(kMonths); ++i) {
    if (ascii_iequals(name, kMonths[i])) return i + 1;
  }
  return std::nullopt;
}

tl::unexpected<Error> not_a_date(std::string_view text) {
  return fail(Error(ErrorKind::protocol, "not an IMAP date-time").server_text(text.substr(0, 64)));
}

/// The instant's calendar fields in its own zone, held within the years that both output forms can write.
struct Local {
  year_month_day date;
  std::chrono::hh_mm_ss<seconds> time;
};

Local local(const InternalDate& date) {
  const std::int64_t zone = std::clamp<int>(date.zone_minutes, -kMostZoneMinutes, kMostZoneMinutes) * 60;
  const std::int64_t in_zone = std::clamp(date.unix_seconds, kFirst - zone, kEnd - 1 - zone) + zone;
  const sys_seconds instant{seconds(in_zone)};
  const auto day = std::chrono::floor<days>(instant);
  return {year_month_day(day), std::chrono::hh_mm_ss<seconds>(instant - day)};
}

struct Zone {
  char sign;
  int hours, minutes;
};

Zone zone_of(const InternalDate& date) {
  const int minutes = std::clamp<int>(date.zone_minutes, -kMostZoneMinutes, kMostZoneMinutes);
  const int magnitude = minutes < 0 ? -minutes : minutes;
  return {minutes < 0 ? '-' : '+', magnitude / 60, magnitude % 60};
}

}  // namespace

Result<InternalDate> InternalDate::parse(std::string_view text) {
  if (text.size() != kWidth) return not_a_date(text);
  const bool separators = text[2] == '-' && text[6] == '-' && text[11] == ' ' && text[14] == ':' && text[17] == ':' &&
                          text[20] == ' ' && (text[21] == '+' || text[21] == '-');
  const auto day = number(text[0] == ' ' ? text.substr(1, 1) : text.substr(0, 2));
  const auto month = month_number(text.substr(3, 3));
  const auto year = number(text.substr(7, 4));
  const auto hour = number(text.substr(12, 2));
  const auto minute = number(text.substr(15, 2));
  const auto second = number(text.substr(18, 2));
  const auto zone_hours = number(text.substr(22, 2));
  const auto zone_minutes = number(text.substr(24, 2));
  if (!separators || !day || !month || !year || !hour || !minute || !second || !zone_hours || !zone_minutes) {
    return not_a_date(text);
  }
  const year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day));
  if (!date.ok() || *year == 0 || *hour > 23 || *minute > 59 || *second > 60 || *zone_hours > 23 ||
      *zone_minutes > 59) {
    return not_a_date(text);
  }
  const int east = static_cast<int>(*zone_hours * 60 + *zone_minutes) * (text[21] == '-' ? -1 : 1);
  const std::int64_t in_zone = sys_seconds(sys_days(date)).time_since_epoch().count() + std::int64_t{*hour} * 3600 +
                               std::int64_t{*minute} * 60 + std::min(*second, 59u);
  return InternalDate{in_zone - std::int64_t{east} * 60, static_cast<std::int16_t>(east)};
}

std::string InternalDate::to_imap() const {
  const auto [date, time] = local(*this);
  const auto [sign, zone_hours, zone_mins] = zone_of(*this);
  return fmt::format("{:02}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}", unsigned(date.day()),
                     kMonths[unsigned(date.month()) - 1], int(date.year()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), sign, zone_hours, zone_mins);
}

std::string InternalDate::to_rfc3339() const {
  const auto [date, time] = local(*this);
  const auto [sign, zone_hours, zone_mins] = zone_of(*this);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", int(date.year()), unsigned(date.month()),
                     unsigned(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count(), sign,
                     zone_hours, zone_mins);
}

}  // namespace postern
