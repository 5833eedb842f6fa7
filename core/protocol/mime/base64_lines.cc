#include "core/protocol/mime/base64_lines.h"

#include <algorithm>

#include "core/base/base64.h"

namespace postern::mime {
namespace {

enum class LineEnd : std::uint8_t { none, lf, crlf };

LineEnd take_line_end(ByteView& line) {
  if (!line.ends_with('\n')) return LineEnd::none;
  line.remove_suffix(1);
  if (!line.ends_with('\r')) return LineEnd::lf;
  line.remove_suffix(1);
  return LineEnd::crlf;
}

}  // namespace

bool valid(const Base64Layout& layout) {
  return layout.line > 0 && layout.line % 4 == 0 && layout.line <= kLongestBase64Line;
}

std::optional<std::uint64_t> encoded_size(const Base64Layout& layout, std::uint64_t octets) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 61;  // the largest layout quadruples and adds
  if (octets > kMost / 4) return std::nullopt;
  const std::uint64_t characters = (octets + 2) / 3 * 4;
  const std::uint64_t lines = (characters + layout.line - 1) / layout.line;
  const std::uint64_t line_ends = lines - (layout.last_line_ends || lines == 0 ? 0 : 1);
  return characters + line_ends * (layout.crlf ? 2 : 1);
}

Base64Reader::Line Base64Reader::add(ByteView line, Bytes& out) {
  const LineEnd end = take_line_end(line);
  if (line.empty() || line.size() > kLongestBase64Line) return Line::not_of_it;
  const bool first = !open();
  if (!first && (line.size() > layout_.line || (end != LineEnd::none && (end == LineEnd::crlf) != layout_.crlf))) {
    return Line::not_of_it;
  }
  const std::size_t before = out.size();
  if (!base64_decode(line, out)) return Line::not_of_it;
  octets_ += out.size() - before;
  if (first) layout_ = {static_cast<std::uint16_t>(line.size()), end == LineEnd::crlf, true};
  layout_.last_line_ends = end != LineEnd::none;
  const bool full = line.size() == layout_.line && !line.ends_with('=');
  return full && layout_.last_line_ends ? Line::taken : Line::last;
}

Base64Run Base64Reader::finish() {
  const Base64Run run{0, octets_, layout_};
  octets_ = 0;
  return run;
}

void Base64Writer::put(std::string_view characters, Bytes& out) {
  while (!characters.empty()) {
    if (column_ == layout_.line) {
      out += layout_.crlf ? "\r\n" : "\n";
      column_ = 0;
    }
    const std::string_view fits = characters.substr(0, layout_.line - column_);
    out += fits;
    column_ += fits.size();
    characters.remove_prefix(fits.size());
  }
}

void Base64Writer::add(ByteView octets, Bytes& out) {
  // A line's worth at a time, so that what is encoded is not held twice.
  while (held_.size() + octets.size() >= 3) {
    const std::size_t line = layout_.line / 4 * std::size_t{3};
    const std::size_t wanted = std::min(line, (held_.size() + octets.size()) / 3 * 3) - held_.size();
    held_ += octets.substr(0, wanted);
    octets.remove_prefix(wanted);
    characters_.clear();
    base64_encode(held_, characters_);
    put(characters_, out);
    held_.clear();
  }
  held_ += octets;
}

void Base64Writer::finish(Bytes& out) {
  put(base64_encode(held_), out);
  held_.clear();
  if (layout_.last_line_ends) out += layout_.crlf ? "\r\n" : "\n";
}

}  // namespace postern::mime
