#include "core/client/read_buffer.h"

#include <gtest/gtest.h>

namespace postern::client {
namespace {

TEST(ReadBufferTest, BeginsSmallAndGrowsWhileReadsFillIt) {
  ReadBuffer buffer;
  EXPECT_EQ(buffer.next().size(), ReadBuffer::kSmallest);
  std::size_t reads = 1;
  for (; buffer.next().size() < ReadBuffer::kLargest; ++reads) buffer.got(buffer.next().size());
  EXPECT_LE(reads, 8U);
  buffer.got(ReadBuffer::kLargest);
  EXPECT_EQ(buffer.next().size(), ReadBuffer::kLargest);
}

TEST(ReadBufferTest, StaysWhereReadsFillAPart) {
  ReadBuffer buffer;
  buffer.got(buffer.next().size());
  const std::size_t grown = buffer.next().size();
  buffer.got(grown / 2);
  EXPECT_EQ(buffer.next().size(), grown);
}

TEST(ReadBufferTest, IsGivenBackAfterAFewSmallReads) {
  ReadBuffer buffer;
  while (buffer.next().size() < ReadBuffer::kLargest) buffer.got(buffer.next().size());
  for (int read = 0; read < 3; ++read) {
    buffer.got(40);
    buffer.next();
  }
  EXPECT_EQ(buffer.next().size(), ReadBuffer::kSmallest);
}

}  // namespace
}  // namespace postern::client
