#pragma once

#include <functional>
#include <set>
#include <string>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {

/// A second mailbox of the source, Other, goes to INBOX too (merge: true).
inline void merge_other_into_inbox(World& world) {
  world.options.maps = [](std::string_view name, char) {
    return name == "Other" ? std::optional<std::string>("INBOX") : std::nullopt;
  };
  world.options.merges = [](std::string_view, char) { return true; };
  world.source.create("Other");
}

/// Six messages are on the target, and a backup of it has the first three.
struct RestoredTarget : World {
  static constexpr int kBefore = 3, kAll = 6;

  ModelMailbox backup;

  explicit RestoredTarget(const std::function<void(World&)>& prepare = [](World&) {}) {
    prepare(*this);
    for (int i = 0; i < kBefore; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    backup = target.box("INBOX");
    for (int i = kBefore; i < kAll; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
  }
  void restore(int foreign) {
    target.box("INBOX") = backup;
    for (int i = 0; i < foreign; ++i)
      target.box("INBOX").append(mail("foreign" + std::to_string(i)), {}, {1'700'000'000 + i, 0});
  }
  static std::size_t count(const ModelServer& server, const Bytes& octets, std::string_view box = "INBOX") {
    if (!server.has(box)) return 0;
    const auto& messages = server.boxes().at(std::string(box)).messages;
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(), [&](const auto& one) { return one.second.octets == octets; }));
  }
  void expect_each_once(int foreign, const std::set<int>& deleted = {}) {
    for (int i = 0; i < kAll; ++i)
      EXPECT_EQ(count(target, mail("m" + std::to_string(i))), deleted.contains(i) ? 0u : 1u) << i;
    for (int i = 0; i < foreign; ++i)
      EXPECT_EQ(count(target, mail("foreign" + std::to_string(i))), 1u) << "foreign " << i;
  }
  /// It is written down that the comparison is due, or that it was made.
  bool is_noted() { return vault.targets.begin()->second.mailboxes.begin()->second.uidnext != kAll + 1; }
  void expect_nothing_is_nowhere() {
    for (int i = 0; i < kAll; ++i) {
      const Bytes octets = mail("m" + std::to_string(i));
      EXPECT_GE(count(source, octets) + count(target, octets), 1u) << i;
    }
  }
};

}  // namespace postern::testing
