// Split, then joined: the same octets, however they are handed over; within the bounds that are promised.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/protocol/mime/joiner.h"
#include "tests/support/mail/split_copy.h"

using namespace postern;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

/// The first two octets say in which pieces the rest is handed over.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::vector<std::size_t> pieces = {data[0] + std::size_t{1}, data[1] + std::size_t{1}};
  const ByteView message(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto split = testing::SplitCopy::of(message, pieces);
  must(split.runs.size() <= mime::kMostRuns && split.content.size() <= message.size());
  for (const auto& run : split.runs) must(mime::valid(run.layout) && run.octets > 0);
  must(mime::joined_size(split.runs, split.content.size()) == message.size());

  Bytes joined;
  mime::Joiner joiner(split.runs);
  for (std::size_t at = 0; at < split.content.size(); at += pieces[0]) {
    joiner.add(ByteView(split.content).substr(at, pieces[0]), joined);
  }
  must(joined == message);

  const auto at_once = testing::SplitCopy::of(message);
  must(at_once.content == split.content && at_once.runs == split.runs && at_once.header == split.header &&
       at_once.parts == split.parts);
  return 0;
}
