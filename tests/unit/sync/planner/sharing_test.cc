#include "core/sync/planner/sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TargetMailboxRecord record(std::uint32_t source, const char* name, std::uint32_t uidvalidity) {
  return {MailboxId(source), MailboxName::from_wire(name, '/'), UidValidity(uidvalidity), true};
}

TEST(SharingTest, WhoSawAnotherMailboxOfThatNameIsComparedAnew) {
  EXPECT_THAT(seen_differently({}), IsEmpty());
  EXPECT_THAT(seen_differently({record(1, "Lists", 7), record(2, "Lists", 7), record(3, "Other", 8)}), IsEmpty());
  EXPECT_THAT(seen_differently({record(1, "Lists", 7), record(2, "Lists", 9), record(3, "Other", 8)}),
              ElementsAre(MailboxId(1), MailboxId(2)));
}

}  // namespace
}  // namespace postern::sync
