#include "core/sync/planner/target_name.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

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

TEST(EscapeComponent, StrictKeepsWhatServersRefuseOutOfTheName) {
  const TargetTree tree{'/', ""};
  for (const std::string name : {"v1.2", "~me", "a/b", " x", "x ", "a  b", "q?", "c:d", "#news", "\"\\;!{}<>|`^~&#"}) {
    const std::string escaped = escape_component(name, tree, Escaping::strict);
    EXPECT_EQ(escaped.find_first_of("\"\\/.:;?!{}<>|`^~&#%*"), std::string::npos) << escaped;
    EXPECT_NE(escaped.front(), ' ');
    EXPECT_NE(escaped.back(), ' ');
    EXPECT_EQ(escaped.find("  "), std::string::npos) << escaped;
    EXPECT_EQ(unescape_component(escaped), name);
  }
}

/// Distinct paths give distinct names, of which each tells its path again: whatever the target's tree, and also where
/// some were refused and are written more strictly than others.
TEST(TargetName, DistinctPathsStayDistinct) {
  std::mt19937 random(20261122);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::string alphabet[] = {"a", "=", "=", ".", "/", " ", "2", "E", "~", "%", "&", "\"", "\x01", "ü", "B"};
  for (const TargetTree& tree :
       {TargetTree{'/', ""}, TargetTree{'.', "INBOX."}, TargetTree{'.', ""}, TargetTree{'\0', ""}}) {
    std::map<std::string, Path> seen;
    for (int i = 0; i < 100'000; ++i) {
      Path path(1 + below(3));
      for (std::string& component : path) {
        for (std::size_t length = below(5); length > 0; --length) component += alphabet[below(std::size(alphabet))];
      }
      const auto escaping = below(2) == 0 ? Escaping::least : Escaping::strict;
      const auto made = target_name(path, tree, escaping);
      if (path == Path{""} && tree.prefix.empty() && !made) continue;
      ASSERT_TRUE(made.has_value()) << made.error().to_string();
      const auto [at, fresh] = seen.emplace(made->wire(), path);
      ASSERT_EQ(at->second, path) << made->display();
      if (tree.delimiter == '\0') continue;
      Path back = personal_path(*made, tree);
      for (std::string& component : back) component = unescape_component(component);
      ASSERT_EQ(back, path) << made->display();
    }
  }
}

TEST(BlanksAtRisk, Table) {
  EXPECT_FALSE(blanks_at_risk({"a b", "c d e"}));
  EXPECT_TRUE(blanks_at_risk({"a", " b"}));
  EXPECT_TRUE(blanks_at_risk({"b ", "a"}));
  EXPECT_TRUE(blanks_at_risk({"a  b"}));
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
  EXPECT_EQ(source_path(MailboxName::from_wire("Attic.a", '.'), true), (Path{"Attic", "a"})) << "from mailbox_map";
}

}  // namespace
}  // namespace postern::sync
