#include "tests/support/mail/names.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <stdexcept>

namespace postern::testing {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The code point at `at`, which moves behind it.
char32_t next_code_point(std::string_view utf8, std::size_t& at) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(utf8.at(i)); };
  const unsigned char lead = octet(at);
  const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t code = more == 0 ? lead : lead & (0x3F >> more);
  for (int i = 1; i <= more; ++i) code = code << 6 | (octet(at + static_cast<std::size_t>(i)) & 0x3F);
  at += static_cast<std::size_t>(more) + 1;
  return code;
}

void append_utf8(std::string& out, char32_t code) {
  const auto put = [&](char32_t octet) { out += static_cast<char>(static_cast<unsigned char>(octet)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

std::string shifted(const std::u16string& units) {
  std::string out = "&";
  std::uint32_t bits = 0;
  int count = 0;
  for (const char16_t unit : units) {
    bits = bits << 16 | unit;
    for (count += 16; count >= 6; count -= 6) out += kBase64[bits >> (count - 6) & 0x3F];
  }
  if (count > 0) out += kBase64[bits << (6 - count) & 0x3F];
  return out + "-";
}

std::string unshifted(std::string_view base64) {
  std::u16string units;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : base64) {
    const auto value = kBase64.find(c);
    if (value == std::string_view::npos) throw std::runtime_error("not modified UTF-7");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if ((count += 6) >= 16) units += static_cast<char16_t>(bits >> (count -= 16) & 0xFFFF);
  }
  std::string out;
  for (std::size_t i = 0; i < units.size(); ++i) {
    char32_t code = units[i];
    if (code >= 0xD800 && code < 0xDC00 && i + 1 < units.size()) {
      code = 0x10000 + ((code - 0xD800) << 10) + (units[++i] - 0xDC00u);
    }
    append_utf8(out, code);
  }
  return out;
}

}  // namespace

std::string to_wire_name(std::string_view utf8) {
  std::string out;
  std::u16string pending;
  const auto flush = [&] {
    if (!pending.empty()) out += shifted(pending);
    pending.clear();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t code = next_code_point(utf8, at);
    if (code >= 0x20 && code < 0x7F) {
      flush();
      out += static_cast<char>(code);
      if (code == '&') out += '-';
    } else if (code < 0x10000) {
      pending += static_cast<char16_t>(code);
    } else {
      pending += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
      pending += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
    }
  }
  flush();
  return out;
}

std::string from_wire_name(std::string_view wire) {
  std::string out;
  for (std::size_t at = 0; at < wire.size();) {
    if (wire[at] != '&') {
      out += wire[at++];
      continue;
    }
    const auto end = wire.find('-', at);
    if (end == std::string_view::npos) throw std::runtime_error("not modified UTF-7: " + std::string(wire));
    out += end == at + 1 ? "&" : unshifted(wire.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

std::string imap_quoted(std::string_view text) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    throw std::runtime_error("cannot be quoted");
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string imap_date_time(std::int64_t unix_seconds, int zone_minutes) {
  using namespace std::chrono;
  const sys_seconds local{seconds(unix_seconds) + minutes(zone_minutes)};
  const year_month_day date(floor<days>(local));
  const hh_mm_ss time(local - floor<days>(local));
  const int zone = zone_minutes < 0 ? -zone_minutes : zone_minutes;
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%02u-%s-%04d %02d:%02d:%02d %c%02d%02d", unsigned(date.day()),
                kMonths[unsigned(date.month()) - 1].data(), int(date.year()), int(time.hours().count()),
                int(time.minutes().count()), int(time.seconds().count()), zone_minutes < 0 ? '-' : '+', zone / 60,
                zone % 60);
  return text.data();
}

std::int64_t parse_imap_date_time(std::string_view text) {
  using namespace std::chrono;
  int day = 0, year = 0, hour = 0, minute = 0, second = 0, zone = 0;
  std::array<char, 4> month{};
  char sign = '+';
  if (std::sscanf(std::string(text).c_str(), "%2d-%3s-%4d %2d:%2d:%2d %c%4d", &day, month.data(), &year, &hour, &minute,
                  &second, &sign, &zone) != 8) {
    throw std::runtime_error("not a date-time: " + std::string(text));
  }
  const auto name = std::find(kMonths.begin(), kMonths.end(), std::string_view(month.data()));
  if (name == kMonths.end()) throw std::runtime_error("not a month: " + std::string(text));
  const auto number = static_cast<unsigned>(name - kMonths.begin()) + 1;
  const sys_days date(std::chrono::year(year) / std::chrono::month(number) / std::chrono::day(unsigned(day)));
  const auto local = date.time_since_epoch() + hours(hour) + minutes(minute) + seconds(second);
  const int east = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -1 : 1);
  return duration_cast<seconds>(local - minutes(east)).count();
}

}  // namespace postern::testing
