#include "core/protocol/mime/splitter.h"

namespace postern::mime {
namespace {

/// Octets of a line that is looked at; a longer one is text. Room for the longest line of base64 and its line end.
constexpr std::size_t kLongestLine = 1024;
static_assert(kLongestLine > kLongestBase64Line + 2);

bool is_empty(ByteView line) { return line == "\n" || line == "\r\n"; }

}  // namespace

void Splitter::add(ByteView octets) {
  while (!octets.empty()) {
    if (in_ == In::body && boundaries_.empty()) return sink_.text(octets);  // nothing can end it
    const std::size_t end = octets.find('\n');
    const ByteView piece = octets.substr(0, end == octets.npos ? end : end + 1);
    octets.remove_prefix(piece.size());
    if (!long_line_ && held_.empty() && end != octets.npos && piece.size() <= kLongestLine) {
      line(piece);
      continue;
    }
    if (!long_line_ && held_.size() + piece.size() > kLongestLine) {
      long_line_ = true;
      end_run();
      if (!held_.empty()) sink_.text(held_);
      held_.clear();
    }
    if (long_line_) {
      sink_.text(piece);
      long_line_ = end == octets.npos;
      continue;
    }
    held_ += piece;
    if (end == octets.npos) continue;
    line(held_);
    held_.clear();
  }
}

void Splitter::finish() {
  if (!held_.empty()) line(held_);
  held_.clear();
  end_run();
}

void Splitter::line(ByteView line) {
  if (delimiter(line)) return;
  switch (in_) {
    case In::header:
    case In::part_header:
      return header_line(line);
    case In::body:
      return sink_.text(line);
    case In::base64_body:
      return base64_line(line);
  }
}

void Splitter::header_line(ByteView line) {
  sink_.text(line);
  if (!is_empty(line)) return header_.add(line);
  if (in_ == In::header) {
    sink_.header_ended();
  } else {
    sink_.part_began();
  }
  body_begins();
}

void Splitter::body_begins() {
  in_ = In::body;
  switch (header_.body()) {
    case PartHeader::Body::text:
      break;
    case PartHeader::Body::base64:
      if (runs_ < kMostRuns) in_ = In::base64_body;
      break;
    case PartHeader::Body::multipart:
      if (boundaries_.size() < kDeepest) boundaries_.push_back(*header_.boundary());
      break;
    case PartHeader::Body::message:
      in_ = In::part_header;
      break;
  }
  header_ = {};
}

/// RFC 2046 §5.1.1: of the innermost open multipart, or of one around it, which ends those inside.
bool Splitter::delimiter(ByteView line) {
  if (boundaries_.empty() || !line.starts_with("--")) return false;
  ByteView rest = line.substr(2);
  rest = rest.substr(0, rest.find_last_not_of(" \t\r\n") + 1);
  for (std::size_t depth = boundaries_.size(); depth-- > 0;) {
    if (!rest.starts_with(boundaries_[depth])) continue;
    const ByteView tail = rest.substr(boundaries_[depth].size());
    const bool closes = tail == "--";
    if (!tail.empty() && !closes) continue;
    end_run();
    sink_.part_ended();
    sink_.text(line);
    boundaries_.resize(closes ? depth : depth + 1);
    header_ = {};
    in_ = closes ? In::body : In::part_header;
    return true;
  }
  return false;
}

void Splitter::base64_line(ByteView line) {
  decoded_.clear();
  auto taken = base64_.add(line, decoded_);
  if (taken == Base64Reader::Line::not_of_it && base64_.open()) {
    end_run();
    // What ended one run may begin the next: lines of another length.
    if (in_ == In::base64_body) taken = base64_.add(line, decoded_);
  }
  if (taken == Base64Reader::Line::not_of_it) return sink_.text(line);
  sink_.base64(decoded_);
  if (taken == Base64Reader::Line::last) end_run();
}

void Splitter::end_run() {
  if (!base64_.open()) return;
  sink_.base64_ended(base64_.finish());
  if (++runs_ >= kMostRuns && in_ == In::base64_body) in_ = In::body;
}

}  // namespace postern::mime
