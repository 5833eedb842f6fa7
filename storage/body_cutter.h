#pragma once

// Where a message is cut: decides, and writes nothing. Pure.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/protocol/mime/splitter.h"

namespace postern::storage {

/// A piece of a message's content, ready to be stored.
struct Cut {
  enum class As : std::uint8_t {
    header,   // the header block: with the recipe, for no two messages have the same
    inlined,  // too little to be worth a row of its own
    text,     // a chunk of what people and programs write
    file,     // a chunk of what a base64 part decodes to
  };
  As as = As::text;
  Bytes content;
};

/// Cuts a message so that what several messages have in common becomes the same chunk in each: the header apart from
/// the body; what a base64 part of kApart octets or more decodes to, and text parts of kTextApart or more, apart from
/// what is around them; from there every kMaxChunk octets. Holds no more than that. One thread at a time.
class BodyCutter final : private mime::SplitSink {
 public:
  /// Below it a digest and a row cost more than sharing would save (DECISIONS.md).
  static constexpr std::size_t kApart = 4u << 10;
  static constexpr std::size_t kTextApart = 32u << 10;
  /// What is smaller stands in the recipe.
  static constexpr std::size_t kTiny = 160;

  BodyCutter() : splitter_(*this) {}
  /// The next octets, in pieces of any size; appends what became ready to `ready`.
  void add(ByteView octets, std::vector<Cut>& ready);
  void finish(std::vector<Cut>& ready);
  /// After finish(): what of the content is base64.
  std::vector<mime::Base64Run> take_runs() { return std::move(runs_); }

 private:
  void text(ByteView octets) override;
  void header_ended() override;
  void part_began() override;
  void part_ended() override;
  void base64(ByteView decoded) override;
  void base64_ended(const mime::Base64Run& run) override;

  void append(ByteView octets);
  void section_begins(bool file);
  void section_ends();
  void cut(std::size_t size, Cut::As as);

  mime::Splitter splitter_;
  std::vector<Cut>* ready_ = nullptr;
  std::vector<mime::Base64Run> runs_;
  std::uint64_t text_since_run_ = 0;
  Bytes content_;            // not yet cut
  bool header_ = true;       // still within it
  std::size_t section_ = 0;  // where in content_ the section at hand begins
  bool file_ = false;        // it is what a base64 part decodes to
  bool apart_ = false;       // it is cut apart from what is before it
};

}  // namespace postern::storage
