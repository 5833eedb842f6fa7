#include "tests/support/plain_imap/imap_value.h"

#include <stdexcept>

#include "core/base/bytes.h"

namespace postern::testing {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_(rest) {}

  std::vector<ImapValue> values(char end) {
    std::vector<ImapValue> result;
    for (;;) {
      while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\r' || rest_.front() == '\n')) take();
      if (rest_.empty()) {
        if (end != '\0') throw std::runtime_error("unclosed list in a response");
        return result;
      }
      if (rest_.front() == end) {
        take();
        return result;
      }
      result.push_back(value());
    }
  }

 private:
  char take() {
    if (rest_.empty()) throw std::runtime_error("response ends early");
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  ImapValue value() {
    switch (rest_.front()) {
      case '(':
        take();
        return {.list = true, .items = values(')')};
      case '"':
        take();
        return {.quoted = true, .text = quoted()};
      case '{':
        take();
        return {.quoted = true, .literal = true, .text = literal()};
      default:
        return {.text = atom()};
    }
  }

  std::string quoted() {
    std::string text;
    for (char c = take(); c != '"'; c = take()) text += c == '\\' ? take() : c;
    return text;
  }

  std::string literal() {
    std::size_t size = 0;
    for (char c = take(); c != '}'; c = take()) {
      if (c != '+' && c != '-') size = size * 10 + static_cast<std::size_t>(c - '0');
    }
    take(), take();  // CRLF
    if (rest_.size() < size) throw std::runtime_error("literal ends early");
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }

  std::string atom() {
    std::string text;
    for (int brackets = 0; !rest_.empty(); text += take()) {
      const char c = rest_.front();
      if (c == '\r' || c == '\n') break;
      if (brackets == 0 && (c == ' ' || c == '(' || c == ')')) break;
      brackets += c == '[' ? 1 : c == ']' && brackets > 0 ? -1 : 0;
    }
    if (text.empty()) throw std::runtime_error("unexpected ')' in a response");
    return text;
  }

  std::string_view rest_;
};

}  // namespace

std::vector<ImapValue> parse_imap_values(std::string_view response) { return Reader(response).values('\0'); }

const ImapValue& value_of(const std::vector<ImapValue>& pairs, std::string_view key) {
  for (std::size_t i = 0; i + 1 < pairs.size(); ++i) {
    if (!pairs[i].list && !pairs[i].quoted && ascii_iequals(pairs[i].text, key)) return pairs[i + 1];
  }
  throw std::runtime_error("no " + std::string(key) + " in the response");
}

}  // namespace postern::testing
