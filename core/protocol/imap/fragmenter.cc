#include "core/protocol/imap/fragmenter.h"

#include <algorithm>
#include <cstring>

namespace postern::imap {
namespace {

/// A line longer than this is offered piece by piece.
constexpr std::size_t kLongLine = 16 * 1024;
/// Memory kept between responses; what a big one took is given back.
constexpr std::size_t kKeepCapacity = 16 * 1024;
/// "{" and 20 digits and "}" and what a server may get wrong there.
constexpr std::size_t kLongestSpec = 64;

/// What stands between the braces at the end of `line`; nullopt when it does not end in "{…}".
std::optional<ByteView> literal_spec(ByteView line) {
  if (line.empty() || line.back() != '}') return std::nullopt;
  const ByteView tail = line.substr(line.size() - std::min(line.size(), kLongestSpec));
  const auto brace = tail.rfind('{');
  if (brace == ByteView::npos) return std::nullopt;
  return tail.substr(brace + 1, tail.size() - brace - 2);
}

}  // namespace

Result<std::uint64_t> parse_literal_size(ByteView spec) {
  if (spec.empty() || spec.size() > 20) return fail(ErrorKind::protocol, "a literal's size is no number");
  std::uint64_t value = 0;
  for (const char c : spec) {
    if (c < '0' || c > '9') return fail(ErrorKind::protocol, "a literal's size is no number");
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (INT64_MAX - digit) / 10) return fail(ErrorKind::protocol, "a literal's size is above 2^63-1");
    value = value * 10 + digit;
  }
  return value;
}

ByteView Fragmenter::current() const { return held_.empty() ? input_.substr(start_, pos_ - start_) : ByteView(held_); }

void Fragmenter::hold() {
  held_.append(input_, start_, pos_ - start_);
  work_ += pos_ - start_;
  start_ = pos_;
}

void Fragmenter::clear_current() {
  if (held_.capacity() > kKeepCapacity) {
    Bytes().swap(held_);
  } else {
    held_.clear();
  }
  start_ = pos_;
  line_start_ = 0;
  next_long_ = 0;
}

void Fragmenter::finish_given() {
  clear_current();
  dropped_ = 0;
  literals_ = 0;
  mid_response_ = false;
  given_ = false;
}

Result<Fragmenter::Fragment> Fragmenter::refuse(std::string what) {
  state_ = State::failed;
  return fail(ErrorKind::protocol, std::move(what));
}

void Fragmenter::feed(ByteView octets) {
  if (given_) finish_given();
  input_ = octets;
  start_ = pos_ = 0;
}

ByteView Fragmenter::take_unread() {
  if (given_) finish_given();
  const ByteView rest = input_.substr(pos_);
  pos_ = start_ = input_.size();
  return rest;
}

Result<Fragmenter::Fragment> Fragmenter::next() {
  if (given_) finish_given();
  if (state_ == State::long_line) state_ = State::text;
  if (state_ == State::plain) {
    state_ = State::text;
    return complete(line_octets_);
  }
  if (state_ == State::streamed) {
    if (literal_done_ < literal_size_ && unread() == 0) return NeedInput{};
    return next_streamed();
  }
  for (;;) {
    if (state_ == State::kept) {
      const auto filled = next_kept();
      if (!filled) return fail(filled.error());
      if (!*filled) return NeedInput{};
    }
    if (state_ != State::text) return refuse("the reading of responses was not carried on correctly");
    auto fragment = next_text();
    if (!fragment) return fail(fragment.error());
    if (*fragment) return std::move(**fragment);
  }
}

Fragmenter::Fragment Fragmenter::next_streamed() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(literal_size_ - literal_done_, unread()));
  LiteralPiece piece{literal_done_, input_.substr(pos_, count), false};
  pos_ += count;
  start_ = pos_;
  literal_done_ += count;
  work_ += 1;
  piece.last = literal_done_ == literal_size_;
  if (piece.last) state_ = State::text;
  return piece;
}

/// True when the literal is complete.
Result<bool> Fragmenter::next_kept() {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(literal_size_ - literal_done_, unread()));
  pos_ += count;
  literal_done_ += count;
  if (!held_.empty()) hold();
  if (literal_done_ < literal_size_) {
    hold();
    return false;
  }
  state_ = State::text;
  line_start_ = current().size();
  next_long_ = 0;
  return true;
}

/// Looks for a line end in the next slice; nullopt means "go on".
Result<std::optional<Fragmenter::Fragment>> Fragmenter::next_text() {
  const std::size_t line = current().size() - line_start_;  // octets of the line looked at so far
  if (next_long_ == 0) next_long_ = line + kLongLine;
  const std::size_t slice = std::min(unread(), next_long_ - line);
  const char* from = input_.data() + pos_;
  const auto* newline = slice == 0 ? nullptr : static_cast<const char*>(std::memchr(from, '\n', slice));
  const std::size_t taken = newline == nullptr ? slice : static_cast<std::size_t>(newline - from) + 1;
  work_ += taken;
  pos_ += taken;
  if (!held_.empty()) hold();
  if (dropped_ + current().size() > limits_.response) return fail(refuse("a response is too long").error());
  if (line + taken > limits_.line + 2) return fail(refuse("a line of a response is too long").error());
  if (newline != nullptr) {
    auto fragment = line_complete();
    if (!fragment) return fail(fragment.error());
    return std::optional<Fragment>(std::move(*fragment));
  }
  if (line + taken < next_long_) {
    hold();
    return std::optional<Fragment>(NeedInput{});
  }
  next_long_ += kLongLine;
  if (line_start_ != 0) return std::optional<Fragment>();  // only a line that begins a response can be long in pieces
  state_ = State::long_line;
  return std::optional<Fragment>(LongLine{current()});
}

Result<Fragmenter::Fragment> Fragmenter::line_complete() {
  const ByteView all = current();
  ByteView line = all.substr(line_start_);
  const bool crlf = line.size() >= 2 && line[line.size() - 2] == '\r';
  if (!crlf) {
    if (!accept_bare_lf_) return refuse("a line of a response ends in LF without CR");
    quirks_.add(Quirk::bare_lf);
  }
  line.remove_suffix(crlf ? 2 : 1);
  if (std::memchr(line.data(), '\r', line.size()) != nullptr) return refuse("a response has a CR inside a line");
  if (std::memchr(line.data(), '\0', line.size()) != nullptr) return refuse("a response has a NUL outside a literal");
  work_ += 2 * line.size();
  line_octets_ = all.size() - (crlf ? 2 : 1);
  const auto spec = literal_spec(line);
  if (!spec) return complete(line_octets_);
  state_ = State::announced;
  return Fragment(Announced{all.substr(0, line_octets_), *spec});
}

Result<Fragmenter::Fragment> Fragmenter::complete(std::size_t octets) {
  given_ = true;
  return Fragment(Complete{current().substr(0, octets)});
}

void Fragmenter::plain_text() { state_ = State::plain; }

Result<void> Fragmenter::keep_literal(std::uint64_t size) {
  if (++literals_ > limits_.literals) return fail(refuse("a response has too many literals").error());
  if (size > limits_.literal) return fail(refuse("a literal that is no message is too long").error());
  if (dropped_ + current().size() + size > limits_.response) return fail(refuse("a response is too long").error());
  literal_size_ = size;
  literal_done_ = 0;
  state_ = State::kept;
  return {};
}

Result<void> Fragmenter::stream_literal(std::uint64_t size) {
  if (++literals_ > limits_.literals) return fail(refuse("a response has too many literals").error());
  if (size > limits_.literal_size) return fail(refuse("a literal is too long").error());
  dropped_ += current().size();
  clear_current();
  mid_response_ = true;
  literal_size_ = size;
  literal_done_ = 0;
  state_ = State::streamed;
  return {};
}

void Fragmenter::consume(std::size_t count) {
  if (held_.empty()) {
    start_ += count;
  } else {
    held_.erase(0, count);
    if (held_.empty()) start_ = pos_;
  }
  mid_response_ = true;
  next_long_ = 0;
}

}  // namespace postern::imap
