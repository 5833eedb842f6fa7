#include "core/protocol/mime/joiner.h"

#include <algorithm>
#include <limits>

namespace postern::mime {

std::optional<std::uint64_t> joined_size(const std::vector<Base64Run>& runs, std::uint64_t content) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (content > kMost) return std::nullopt;
  std::uint64_t size = content;
  for (const Base64Run& run : runs) {
    const auto encoded = encoded_size(run.layout, run.octets);
    if (run.before > content || run.octets > content - run.before || !encoded) return std::nullopt;
    content -= run.before + run.octets;
    size -= run.octets;
    if (*encoded > kMost - size) return std::nullopt;
    size += *encoded;
  }
  return size;
}

Joiner::Joiner(std::vector<Base64Run> runs) : runs_(std::move(runs)) {}

void Joiner::add(ByteView content, Bytes& out) {
  while (!content.empty()) {
    if (next_ == runs_.size()) {
      out += content;
      return;
    }
    if (!writer_) {
      const auto text = static_cast<std::size_t>(std::min<std::uint64_t>(runs_[next_].before - seen_, content.size()));
      out += content.substr(0, text);
      content.remove_prefix(text);
      seen_ += text;
      if (seen_ < runs_[next_].before) return;
      writer_.emplace(runs_[next_].layout);
      seen_ = 0;
    }
    add_encoded(content, out);
  }
}

void Joiner::add_encoded(ByteView& content, Bytes& out) {
  const std::uint64_t octets = runs_[next_].octets;
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(octets - seen_, content.size()));
  writer_->add(content.substr(0, taken), out);
  content.remove_prefix(taken);
  seen_ += taken;
  if (seen_ < octets) return;
  writer_->finish(out);
  writer_.reset();
  seen_ = 0;
  ++next_;
}

}  // namespace postern::mime
