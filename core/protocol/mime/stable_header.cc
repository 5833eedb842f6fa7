#include "core/protocol/mime/stable_header.h"

#include <optional>

namespace postern::mime {
namespace {

constexpr std::size_t kLongestValue = 4096;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f'; }

/// The next line without its LF or CRLF; takes it from `rest`, which must not be empty.
ByteView take_line(ByteView& rest) {
  const std::size_t end = rest.find('\n');
  ByteView line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// A value with each run of white space as one blank, none at the ends, and no octet that servers replace.
class Value {
 public:
  void append(ByteView text) {
    for (const char c : text) {
      if (value_.size() >= kLongestValue) return;
      if (is_space(c)) {
        blank_ = !value_.empty();
        continue;
      }
      if (blank_) value_.push_back(' ');
      blank_ = false;
      const bool replaced = c == '\0' || static_cast<unsigned char>(c) >= 0x80;
      value_.push_back(replaced ? 'X' : c);
    }
  }
  const Bytes& octets() const { return value_; }

 private:
  Bytes value_;
  bool blank_ = false;
};

using Values = std::array<std::optional<Value>, kStableFields.size()>;

/// Which stable field a line begins, by its name before the colon (RFC 5322 §4.5 allows blanks between).
std::optional<std::size_t> stable_field(ByteView name) {
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  for (std::size_t i = 0; i < kStableFields.size(); ++i) {
    if (ascii_iequals(name, kStableFields[i])) return i;
  }
  return std::nullopt;
}

Values read_fields(ByteView header) {
  Values values;
  Value* open = nullptr;  // the value that a folded line belongs to
  while (!header.empty()) {
    const ByteView line = take_line(header);
    if (line.empty()) break;
    if (line.front() == ' ' || line.front() == '\t') {
      if (open != nullptr) open->append(line);
      continue;
    }
    open = nullptr;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) continue;
    const auto field = stable_field(line.substr(0, colon));
    if (!field || values[*field]) continue;
    open = &values[*field].emplace();
    open->append(line.substr(colon + 1));
  }
  return values;
}

}  // namespace

std::size_t header_block_size(ByteView octets) {
  ByteView rest = octets;
  while (!rest.empty()) {
    const bool ends = rest.front() == '\n' || rest.starts_with("\r\n");
    const std::size_t line = rest.find('\n');
    if (line == rest.npos) break;
    rest.remove_prefix(line + 1);
    if (ends) return octets.size() - rest.size();
  }
  return octets.size();
}

bool HeaderEnd::passed(ByteView piece) {
  while (line_ != Line::over && !piece.empty()) {
    const std::size_t end = piece.find('\n');
    const ByteView line = piece.substr(0, end);
    if (!line.empty()) line_ = line_ == Line::empty && line == "\r" ? Line::only_cr : Line::text;
    if (end == piece.npos) return false;
    line_ = line_ == Line::text ? Line::empty : Line::over;
    piece.remove_prefix(end + 1);
  }
  return line_ == Line::over;
}

Bytes stable_header(ByteView octets) {
  const Values values = read_fields(octets.substr(0, kHeaderCap));
  Bytes out = "stable header 1\n";  // another way to make these octets gets another number
  for (std::size_t i = 0; i < kStableFields.size(); ++i) {
    out += kStableFields[i];
    if (values[i]) {
      out.push_back(':');
      out += values[i]->octets();
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace postern::mime
