#include "core/sync/planner/trash.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

ListedMailbox box(const std::string& name, std::vector<std::string> attributes = {}, bool selectable = true) {
  ListedMailbox one;
  one.name = MailboxName::from_wire(name, '.');
  one.attributes = std::move(attributes);
  one.selectable = selectable;
  return one;
}

const TargetTree kTree{'.', "INBOX."};

TEST(Trash, TheAttributeDecides) {
  const auto found =
      trash_mailbox({box("INBOX"), box("INBOX.Trash"), box("INBOX.Weg", {"\\HasNoChildren", "\\trash"})}, kTree);
  EXPECT_EQ(found.name.wire(), "INBOX.Weg");
  EXPECT_TRUE(found.exists);
}

TEST(Trash, ElseAUsualNameAtTheTop) {
  EXPECT_EQ(trash_mailbox({box("INBOX.Old.Trash"), box("INBOX.deleted items")}, kTree).name.wire(),
            "INBOX.deleted items");
  EXPECT_EQ(trash_mailbox({box("INBOX.Papierkorb"), box("INBOX.TRASH")}, kTree).name.wire(), "INBOX.TRASH");
}

TEST(Trash, ElseItIsToBeCreated) {
  const auto found = trash_mailbox({box("INBOX"), box("INBOX.Trash", {"\\Noselect"}, false)}, kTree);
  EXPECT_EQ(found.name.wire(), "INBOX.Trash");
  EXPECT_FALSE(found.exists);
}

}  // namespace
}  // namespace postern::sync
