#include "core/protocol/mime/message_date.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>

namespace postern::mime {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t k1899 = -25'569 * kDay;  // day 0 of spreadsheets and OLE
constexpr std::size_t kLongestDate = 512;       // with its comments

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Where in a structured field one is: comments nest, quoted strings do not, a backslash takes the next octet's
/// meaning.
class Lexer {
 public:
  /// Takes the next octet; true when it stands for itself, outside of comments and quoted strings.
  bool plain(char c) {
    if (std::exchange(escaped_, false)) return false;
    if (c == '\\' && (depth_ > 0 || quoted_)) {
      escaped_ = true;
      return false;
    }
    if (quoted_ || (c == '"' && depth_ == 0)) {
      quoted_ = !quoted_ || c != '"';
      return false;
    }
    if (c == '(') ++depth_;
    if (c == ')' && depth_ > 0) {
      --depth_;
      return false;
    }
    return depth_ == 0;
  }

 private:
  std::size_t depth_ = 0;
  bool quoted_ = false, escaped_ = false;
};

/// What is behind the last semicolon that is not in a comment; with unbalanced ones, behind the last of all.
ByteView behind_semicolon(ByteView value) {
  Lexer lexer;
  std::size_t last = value.npos;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (lexer.plain(value[i]) && value[i] == ';') last = i;
  }
  if (last == value.npos) last = value.rfind(';');
  return last == value.npos ? ByteView() : value.substr(last + 1);
}

/// Words between blanks, commas, colons and comments; a sign begins one.
struct Words {
  static constexpr std::size_t kMost = 9;  // "Thu" 22 Aug 2002 12 36 23 +0200, and one more
  std::array<std::string, kMost> words;
  std::size_t count = 0;
  std::size_t next = 0;

  explicit Words(ByteView text) {
    Lexer lexer;
    bool open = false;
    for (const char c : text.substr(0, kLongestDate)) {
      if (!lexer.plain(c) || is_space(c) || c == ',' || c == ':') {
        open = false;
        continue;
      }
      if (!open || c == '+' || c == '-') {
        if (count == kMost) return;
        ++count;
        open = true;
      }
      words[count - 1].push_back(c);
    }
  }
  std::string_view peek() const { return next < count ? std::string_view(words[next]) : std::string_view(); }
  std::string_view take() {
    const std::string_view word = peek();
    ++next;
    return word;
  }
};

/// A word of `least` to `most` digits.
std::optional<unsigned> number(std::string_view word, std::size_t least, std::size_t most) {
  if (word.size() < least || word.size() > most) return std::nullopt;
  unsigned value = 0;
  for (const char c : word) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// RFC 5322 §4.3: two digits below 50 are of this century, three count from 1900.
std::optional<unsigned> year_number(std::string_view word) {
  const auto year = number(word, 2, 4);
  if (!year || word.size() == 4) return year;
  return *year + (word.size() == 2 && *year < 50 ? 2000 : 1900);
}

/// "+hhmm" of a zone; a name that says nothing is UTC (RFC 5322 §4.3), and so is none.
std::optional<std::string> zone_of(std::string_view word) {
  constexpr std::pair<std::string_view, const char*> kNamed[] = {
      {"EST", "-0500"}, {"EDT", "-0400"}, {"CST", "-0600"}, {"CDT", "-0500"},
      {"MST", "-0700"}, {"MDT", "-0600"}, {"PST", "-0800"}, {"PDT", "-0700"},
  };
  if (word.starts_with('+') || word.starts_with('-')) {
    if (!number(word.substr(1), 4, 4)) return std::nullopt;
    return std::string(word);
  }
  if (!word.empty() && is_digit(word.front())) return std::nullopt;
  for (const auto& [name, zone] : kNamed) {
    if (ascii_iequals(word, name)) return zone;
  }
  return "+0000";
}

std::optional<InternalDate> parse_date(ByteView text) {
  Words words(text);
  if (!words.peek().empty() && !is_digit(words.peek().front())) words.take();  // the day of the week
  const auto day = number(words.take(), 1, 2);
  const std::string_view month = words.take();
  const auto year = year_number(words.take());
  const auto hour = number(words.take(), 1, 2);
  const auto minute = number(words.take(), 1, 2);
  unsigned second = 0;
  if (const auto stated = number(words.peek(), 1, 2)) {
    second = *stated;
    words.take();
  }
  const auto zone = zone_of(words.take());
  if (!day || month.size() < 3 || !year || !hour || !minute || !zone) return std::nullopt;
  const auto date = InternalDate::parse(fmt::format("{:02}-{}-{:04} {:02}:{:02}:{:02} {}", *day, month.substr(0, 3),
                                                    *year, *hour, *minute, second, *zone));
  if (!date || date->unix_seconds <= kDay) return std::nullopt;
  return *date;
}

/// The next field with the lines folded into it, line ends included; empty behind the header.
ByteView take_field(ByteView& rest) {
  if (rest.starts_with('\n') || rest.starts_with("\r\n")) return {};
  std::size_t end = 0;
  do {
    const std::size_t line = rest.find('\n', end);
    end = line == rest.npos ? rest.size() : line + 1;
  } while (end < rest.size() && (rest[end] == ' ' || rest[end] == '\t'));
  const ByteView field = rest.substr(0, end);
  rest.remove_prefix(end);
  return field;
}

}  // namespace

std::optional<InternalDate> date_of_message(ByteView octets) {
  std::optional<ByteView> received, date;
  for (ByteView field = take_field(octets); !field.empty(); field = take_field(octets)) {
    const std::size_t colon = field.find(':');
    if (colon == field.npos) continue;
    ByteView name = field.substr(0, colon);
    while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
    const ByteView value = field.substr(colon + 1);
    if (!received && ascii_iequals(name, "Received")) received = value;
    if (!date && ascii_iequals(name, "Date")) date = value;
  }
  if (received) {
    if (const auto parsed = parse_date(behind_semicolon(*received))) return parsed;
  }
  return date ? parse_date(*date) : std::nullopt;
}

bool is_stated(const InternalDate& date) {
  return std::abs(date.unix_seconds) > kDay && std::abs(date.unix_seconds - k1899) > kDay;
}

}  // namespace postern::mime
