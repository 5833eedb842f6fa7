#pragma once

#include <map>
#include <string>
#include <utility>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {

/// `mailbox_map: [{match: 'Lists/.*', to: TO, merge: true}]`.
inline void merge_lists(World& world, std::string to = "Lists") {
  const auto is_list = [](std::string_view name) { return name.starts_with("Lists/"); };
  world.options.maps = [is_list, to = std::move(to)](std::string_view name, char) {
    return is_list(name) ? std::optional<std::string>(to) : std::nullopt;
  };
  world.options.merges = [is_list](std::string_view name, char) { return is_list(name); };
}

/// How often each content with its flags stands in the merged mailbox, and in those that it comes from.
using Contents = std::map<std::pair<Bytes, std::string>, int>;
inline Contents contents_of(const ModelMailbox& box) {
  Contents contents;
  for (const auto& [uid, message] : box.messages) ++contents[{message.octets, message.flags.to_string()}];
  return contents;
}
inline Contents wanted_in_lists(const World& world) {
  Contents all;
  for (const auto& [name, box] : world.source.boxes()) {
    if (!name.starts_with("Lists/")) continue;
    for (const auto& [content, times] : contents_of(box)) all[content] += times;
  }
  return all;
}

class MergeTest : public PassTest {
 protected:
  MergeTest() {
    merge_lists(*this);
    for (const char* name : {"Lists/a", "Lists/b", "Lists/c"}) source.create(name);
    source.append("Lists/a", mail("only a"));
    source.append("Lists/a", mail("both"), {"\\Seen"});
    source.append("Lists/b", mail("both"), {"\\Flagged"});
    source.append("Lists/b", mail("only b"));
    source.append("Lists/c", mail("both"));
  }
  void expect_merged() {
    EXPECT_EQ(contents_of(target.box("Lists")), wanted_in_lists(*this));
    EXPECT_FALSE(target.has("Lists/a"));
  }
  Uid uid_of(std::string_view box, std::string_view subject) {
    for (const auto& [uid, message] : source.box(box).messages) {
      if (message.octets.find(subject) != Bytes::npos) return uid;
    }
    return Uid(0);
  }
};

}  // namespace postern::testing
