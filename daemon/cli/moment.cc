#include "daemon/cli/moment.h"

#include <fmt/format.h>

#include <optional>

#include "core/base/escape.h"

namespace postern::daemon {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Takes the text apart from the left. Once something did not fit, nothing does.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool ok() const { return ok_; }
  bool at_end() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_.front(); }
  bool skip(char c) {
    if (peek() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool skip(std::string_view word) {
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  void expect(char c) { ok_ = skip(c) && ok_; }
  int number(std::size_t digits, int most) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = peek();
      if (c < '0' || c > '9') ok_ = false;
      if (!ok_) return 0;
      value = value * 10 + (c - '0');
      text_.remove_prefix(1);
    }
    ok_ = ok_ && value <= most;
    return value;
  }

 private:
  std::string_view text_;
  bool ok_ = true;
};

WallTime read_date(Reader& in) {
  const std::chrono::year year(in.number(4, 9999));
  in.expect('-');
  const std::chrono::month month(static_cast<unsigned>(in.number(2, 12)));
  in.expect('-');
  const std::chrono::day day(static_cast<unsigned>(in.number(2, 31)));
  const std::chrono::year_month_day date(year, month, day);
  if (!in.ok() || !date.ok()) {
    in.expect('\x01');
    return {};
  }
  return std::chrono::sys_days(date);
}

milliseconds read_time(Reader& in) {
  milliseconds time = hours(in.number(2, 23));
  in.expect(':');
  time += minutes(in.number(2, 59));
  if (in.skip(':')) {
    time += seconds(in.number(2, 59));
    if (in.skip('.')) {
      int thousandths = 0;
      int scale = 100;
      for (; in.peek() >= '0' && in.peek() <= '9'; scale /= 10) {
        thousandths += in.number(1, 9) * scale;
      }
      time += milliseconds(thousandths);
    }
  }
  return time;
}

minutes read_zone(Reader& in) {
  const char sign = in.peek();
  if (in.skip('Z') || in.skip('z') || (sign != '+' && sign != '-')) return {};
  in.expect(sign);
  const minutes whole = hours(in.number(2, 23));
  in.expect(':');
  const minutes offset = whole + minutes(in.number(2, 59));
  return sign == '+' ? offset : -offset;
}

}  // namespace

std::string format_moment(WallTime when) {
  const auto day = std::chrono::floor<days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> time(when - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

Result<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (text == "now") return now;
  Reader in(text);
  WallTime moment{};
  const WallTime today = std::chrono::floor<days>(now);
  if (in.skip("today")) {
    moment = today;
  } else if (in.skip("yesterday")) {
    moment = today - days(1);
  } else {
    moment = read_date(in);
  }
  if (in.skip(' ') || in.skip('T') || in.skip('t')) {
    moment += read_time(in);
    moment -= read_zone(in);
  }
  if (!in.ok() || !in.at_end()) {
    return fail(Error(ErrorKind::usage, "'" + escape_for_people(text, 80) + "' is no moment")
                    .remedy("take one of 'postern snapshots', or a time such as '2026-03-01 12:00' or "
                            "'yesterday 18:00'"));
  }
  return moment;
}

}  // namespace postern::daemon
