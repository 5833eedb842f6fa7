#include "core/protocol/mime/added_field.h"

#include <gtest/gtest.h>

namespace postern::mime {
namespace {

TEST(AddedField, FindsTheLineThatMbsyncAddsAndNothingElse) {
  const Bytes line = "X-TUID: abcDEF012+/z\r\n";
  ASSERT_EQ(line.size(), kTuidLine);
  EXPECT_EQ(find_tuid_line("From: a\r\n" + line + "\r\nbody"), 9u);
  EXPECT_EQ(find_tuid_line(line), 0u);
  for (const Bytes& other : {
           Bytes("From: a\r\n\r\n") + line,         // in the body
           Bytes("X-TUID: abcDEF012+/\r\n\r\n"),    // shorter
           Bytes("X-TUID: abcDEF012+/zz\r\n\r\n"),  // longer
           Bytes("X-TUID: abcDEF 12+/z\r\n\r\n"),   // not one word
           Bytes("X-TUID: abcDEF012+/zz\n\r\n"),    // no CRLF
           Bytes("X-Else: abcDEF012+/z\r\n\r\n"),   // another field
           Bytes("X-TUID: abcDEF012+/z"),           // cut short
           Bytes(),
       }) {
    EXPECT_EQ(find_tuid_line(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace postern::mime
