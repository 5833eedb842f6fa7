#pragma once

#include <functional>
#include <string>

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {

/// Six messages are pulled, and a backup of the source has the first three.
struct RestoredSource : World {
  static constexpr int kBefore = 3, kAll = 6;

  ModelMailbox backup;
  int arrived = 0;  // since

  explicit RestoredSource(const std::function<void(World&)>& prepare = [](World&) {}) {
    prepare(*this);
    for (int i = 0; i < kBefore; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
    backup = source.box("INBOX");
    for (int i = kBefore; i < kAll; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    sync();
  }
  void restore() { source.box("INBOX") = backup; }
  /// Mail of another day, as long as that before.
  void arrive(int count) {
    for (int i = 0; i < count; ++i) {
      ModelMailbox& inbox = source.box("INBOX");
      const Place place{vault.mailbox("INBOX")->id, inbox.uidvalidity, Uid(inbox.uidnext)};
      if (vault.entries.contains(place)) vault.by_reuse.insert(place);  // may be fetched again
      inbox.append(mail("x" + std::to_string(arrived)), {}, {1'800'000'000 + arrived, 0});
      ++arrived;
    }
  }
  static std::size_t count(const ModelServer& server, const Bytes& octets) {
    const auto& messages = server.boxes().at("INBOX").messages;
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(), [&](const auto& one) { return one.second.octets == octets; }));
  }
  bool is_to_be_compared() { return vault.mailbox("INBOX")->cursor->uidnext == 0xffffffff; }
  void expect_arrived_is_held() {
    for (int i = 0; i < arrived; ++i) {
      const Bytes octets = mail("x" + std::to_string(i));
      EXPECT_TRUE(vault.objects.contains(digest_of(octets))) << "x" << i;
      EXPECT_EQ(count(target, octets), 1u) << "x" << i;
    }
  }
  void expect_target_keeps_all() {
    for (int i = 0; i < kAll; ++i) EXPECT_EQ(count(target, mail("m" + std::to_string(i))), 1u) << "m" << i;
  }
  void expect_nothing_is_nowhere() {
    for (int i = 0; i < arrived; ++i) {
      const Bytes octets = mail("x" + std::to_string(i));
      const bool held = vault.objects.contains(digest_of(octets));
      EXPECT_TRUE(held || count(source, octets) + count(target, octets) != 0) << "x" << i;
    }
  }
};

}  // namespace postern::testing
