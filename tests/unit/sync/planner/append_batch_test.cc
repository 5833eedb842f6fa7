#include "core/sync/planner/append_batch.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

std::vector<std::size_t> lengths(std::initializer_list<std::uint64_t> sizes, BatchLimits limits) {
  std::vector<Entry> entries;
  for (const std::uint64_t size : sizes) {
    Entry entry;
    entry.size = size;
    entries.push_back(entry);
  }
  std::vector<std::size_t> result;
  for (std::size_t from = 0; from < entries.size(); from += result.back()) {
    result.push_back(batch_length(entries, from, limits));
  }
  return result;
}

using Lengths = std::vector<std::size_t>;

TEST(AppendBatch, IsLimitedByCountAndOctets) {
  EXPECT_EQ(lengths({1, 1, 1, 1, 1}, {2, 100}), (Lengths{2, 2, 1}));
  EXPECT_EQ(lengths({40, 40, 40, 20}, {9, 100}), (Lengths{2, 2}));
  EXPECT_EQ(lengths({50, 50, 1}, {9, 100}), (Lengths{2, 1}));
  EXPECT_EQ(lengths({500, 1, 500, 1, 1}, {9, 100}), (Lengths{1, 1, 1, 2})) << "a large message goes alone";
  EXPECT_EQ(lengths({0, 0, UINT64_MAX, UINT64_MAX}, {9, 100}), (Lengths{2, 1, 1})) << "no overflow";
}

}  // namespace
}  // namespace postern::sync
