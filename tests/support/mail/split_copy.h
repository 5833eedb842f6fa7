#pragma once

#include <vector>

#include "core/protocol/mime/splitter.h"

namespace postern::testing {

/// What a Splitter made of a message, whole.
class SplitCopy final : public mime::SplitSink {
 public:
  /// `pieces`: how many octets are handed over at a time, over and over.
  static SplitCopy of(ByteView message, const std::vector<std::size_t>& pieces = {SIZE_MAX}) {
    SplitCopy copy;
    mime::Splitter splitter(copy);
    for (std::size_t i = 0; !message.empty(); ++i) {
      const ByteView piece = message.substr(0, pieces[i % pieces.size()]);
      splitter.add(piece);
      message.remove_prefix(piece.size());
    }
    splitter.finish();
    return copy;
  }

  void text(ByteView octets) override {
    content += octets;
    before_ += octets.size();
  }
  void header_ended() override { header = content.size(); }
  void part_began() override { parts.push_back(content.size()); }
  void part_ended() override {}
  void base64(ByteView decoded) override { content += decoded; }
  void base64_ended(const mime::Base64Run& run) override {
    runs.push_back(run);
    runs.back().before = before_;
    before_ = 0;
  }

  Bytes content;
  std::size_t header = 0;          // octets of the header block, 0 without one
  std::vector<std::size_t> parts;  // where in the content bodies of parts begin
  std::vector<mime::Base64Run> runs;

 private:
  std::uint64_t before_ = 0;
};

}  // namespace postern::testing
