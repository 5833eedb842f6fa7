#include "storage/body_cutter.h"

#include <algorithm>

#include "storage/chunk_codec.h"
#include "storage/object_codec.h"

namespace postern::storage {

void BodyCutter::add(ByteView octets, std::vector<Cut>& ready) {
  ready_ = &ready;
  splitter_.add(octets);
}

void BodyCutter::finish(std::vector<Cut>& ready) {
  ready_ = &ready;
  splitter_.finish();
  section_ends();
  cut(content_.size(), Cut::As::text);
}

void BodyCutter::text(ByteView octets) {
  text_since_run_ += octets.size();
  append(octets);
}

void BodyCutter::base64(ByteView decoded) {
  if (!file_) section_begins(true);
  append(decoded);
}

void BodyCutter::base64_ended(const mime::Base64Run& run) {
  runs_.push_back(run);
  runs_.back().before = text_since_run_;
  text_since_run_ = 0;
  section_begins(false);
}

void BodyCutter::header_ended() {
  cut(content_.size(), header_ ? Cut::As::header : Cut::As::text);
  section_begins(false);
}

void BodyCutter::part_began() { section_begins(false); }

void BodyCutter::part_ended() { section_begins(false); }

void BodyCutter::append(ByteView octets) {
  while (!octets.empty()) {
    const ByteView fits = octets.substr(0, kMaxChunk - content_.size());
    content_ += fits;
    octets.remove_prefix(fits.size());
    if (!header_ && !apart_ && content_.size() - section_ >= (file_ ? kApart : kTextApart)) {
      cut(section_, Cut::As::text);
      apart_ = true;
    }
    if (content_.size() < kMaxChunk) continue;
    // A section that has only just begun is not cut in two: it would be cut elsewhere in the next message.
    const bool begun = !apart_ && section_ > 0;
    cut(begun ? section_ : kMaxChunk, file_ && !begun ? Cut::As::file : Cut::As::text);
  }
}

void BodyCutter::section_begins(bool file) {
  section_ends();
  section_ = content_.size();
  file_ = file;
  apart_ = false;
}

void BodyCutter::section_ends() {
  if (apart_) cut(content_.size(), file_ ? Cut::As::file : Cut::As::text);
}

/// The first `size` octets of what is not yet cut become a piece.
void BodyCutter::cut(std::size_t size, Cut::As as) {
  if (size == 0) return;
  if (as == Cut::As::header && size > kMaxInlined) as = Cut::As::text;
  if (as != Cut::As::header && size <= kTiny) as = Cut::As::inlined;
  if (size == content_.size()) {
    ready_->push_back({as, std::move(content_)});
    content_.clear();
  } else {
    ready_->push_back({as, content_.substr(0, size)});
    content_.erase(0, size);
  }
  header_ = false;
  section_ -= std::min(section_, size);
}

}  // namespace postern::storage
