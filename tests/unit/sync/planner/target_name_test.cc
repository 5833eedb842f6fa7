#include "core/sync/planner/target_name.h"

#include <gtest/gtest.h>

namespace postern::sync {
namespace {

using Path = std::vector<std::string>;

std::string name(const Path& path, const TargetTree& tree, Escaping escaping = Escaping::least) {
  const auto mapped = target_name(path, tree, escaping);
  return mapped ? mapped->display() : "(none)";
}

TEST(TargetName, Table) {
  const TargetTree slash{'/', ""}, courier{'.', "INBOX."}, flat{'\0', ""};
  EXPECT_EQ(name({"INBOX"}, slash), "INBOX");
  EXPECT_EQ(name({"inbox"}, courier), "INBOX");
  EXPECT_EQ(name({"Work", "Plans"}, slash), "Work/Plans");
  EXPECT_EQ(name({"Work", "Plans"}, courier), "INBOX.Work.Plans");
  EXPECT_EQ(name({"INBOX", "Plans"}, courier), "INBOX.Plans");
  EXPECT_EQ(name({"INBOX", "Plans"}, slash), "INBOX/Plans");
  EXPECT_EQ(name({"a.b", "c"}, courier), "INBOX.a=2Eb.c") << "the target's delimiter in a component";
  EXPECT_EQ(name({"a/b"}, slash), "a=2Fb");
  EXPECT_EQ(name({"..", "."}, slash), "=2E=2E/=2E");
  EXPECT_EQ(name({"a", "", "b"}, slash), "a/=/b");
  EXPECT_EQ(name({"100%"}, slash), "100=25");
  EXPECT_EQ(name({"R&D"}, slash), "R&D");
  EXPECT_EQ(name({"R&D"}, slash, Escaping::strict), "R=26D");
  EXPECT_EQ(name({"Entwürfe"}, slash, Escaping::strict), "Entwürfe");
  EXPECT_EQ(name({"Work", "a/b"}, flat), "Work/a=2Fb");
}

TEST(EscapeComponent, IsReversible) {
  const TargetTree tree{'.', ""};
  for (const std::string component : {"plain", "", "=", "==", "=2E", "a=2Eb", "a.b", "..", ".", " x ", "%*", "a=b",
                                      "=AZ", "\x01", "x=", "Ünïcode", "=2", "~root"}) {
    for (const Escaping escaping : {Escaping::least, Escaping::strict}) {
      const std::string escaped = escape_component(component, tree, escaping);
      EXPECT_EQ(unescape_component(escaped), component) << escaped;
      EXPECT_EQ(escaped.find('.'), std::string::npos) << escaped;
    }
  }
}

TEST(InboxNamespace, IsSeenWhenEverythingLiesUnderInbox) {
  const auto names = [](std::initializer_list<const char*> list, char delimiter) {
    std::vector<MailboxName> names;
    for (const char* one : list) names.push_back(MailboxName::from_wire(one, delimiter));
    return names;
  };
  EXPECT_TRUE(has_inbox_namespace(names({"INBOX", "INBOX.Sent", "INBOX.a.b"}, '.')));
  EXPECT_FALSE(has_inbox_namespace(names({"INBOX", "INBOX.Sent", "Work"}, '.')));
  EXPECT_FALSE(has_inbox_namespace(names({"INBOX"}, '.')));
  EXPECT_FALSE(has_inbox_namespace(names({"INBOX", "INBOX/Sent"}, '/')));
  EXPECT_EQ(source_path(MailboxName::from_wire("INBOX.a.b", '.'), true), (Path{"a", "b"}));
  EXPECT_EQ(source_path(MailboxName::from_wire("INBOX", '.'), true), (Path{"INBOX"}));
}

}  // namespace
}  // namespace postern::sync
