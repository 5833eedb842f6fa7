#pragma once

#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {

/// `flags: two_way` between a source and a target in memory.
class TwoWayTest : public PassTest {
 protected:
  TwoWayTest() { options.flags = sync::FlagMode::two_way; }

  /// `count` messages in both INBOXes, both sides in step.
  void fill(int count) {
    for (int i = 0; i < count; ++i) source.append("INBOX", mail("m" + std::to_string(i)));
    settle();
  }
  void settle() {
    sync();
    sync();
    restart_counts();
  }
  FlagSet source_flags(std::uint32_t uid) { return source.box("INBOX").messages.at(Uid(uid)).flags; }
  FlagSet flags_in_vault(std::uint32_t uid) {
    const MailboxRecord* inbox = vault.mailbox("INBOX");
    return vault.entries.at({inbox->id, inbox->uidvalidity, Uid(uid)}).flags;
  }
  void expect_both(std::uint32_t uid, const FlagSet& flags) {
    EXPECT_EQ(source_flags(uid), flags) << "source, UID " << uid;
    EXPECT_EQ(target_flags("INBOX", uid), flags) << "target, UID " << uid;
    EXPECT_EQ(flags_in_vault(uid), flags) << "vault, UID " << uid;
  }
  /// A further pass lists both sides and does nothing else.
  void expect_silent() {
    restart_counts();
    const auto report = sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    EXPECT_EQ(vault.writes, 0u);
    EXPECT_EQ(target.mutations + source.mutations, 0u);
    for (const char* call : {"source.open", "source.tour", "target.open", "target.flags", "writer.connect"}) {
      EXPECT_EQ(faults.calls_of(call), 0) << call;
    }
    for (const char* call : {"source.list", "target.list"}) EXPECT_EQ(faults.calls_of(call), 1) << call;
  }
  /// What was changed at the source comes with the next pull and is no news there.
  void expect_no_echo() {
    restart_counts();
    const auto report = sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    EXPECT_EQ(report.source.flag_changes, 0u);
    EXPECT_EQ(report.source.flag_updates, 0u);
    EXPECT_EQ(report.target->flag_updates, 0u);
    EXPECT_EQ(target.mutations + source.mutations, 0u);
    expect_silent();
  }
  /// A person at the source, in the moment before the first STORE there is carried out.
  void before_store_at_source(std::function<void()> act) {
    faults.choose([act = std::move(act), done = false](std::string_view call) mutable {
      if (call == "writer.store_flags" && !std::exchange(done, true)) act();
      return Fault::none;
    });
  }
};

/// The end of a STORE at the source that was never seen.
class LostTwoWayTest : public TwoWayTest {
 protected:
  /// \Seen is on its way to UID 1 of the source when the process ends in that way.
  void lose(Fault fault) {
    fill(2);
    target.box("INBOX").store(Uid(1), {"\\Seen"});
    faults.at("writer.store_flags", 1, fault);
    ASSERT_FALSE(sync_or_die());
    faults.clear();
    ASSERT_EQ(source_flags(1).contains("\\Seen"), fault == Fault::killed_after);
  }
  void expect_end(const FlagSet& flags) {
    EXPECT_EQ(sync().state, sync::PassReport::State::ok);
    EXPECT_EQ(sync().state, sync::PassReport::State::ok);
    expect_both(1, flags);
    EXPECT_TRUE(vault.targets.begin()->second.store_intents.empty());
    sync();
    expect_silent();
  }
};

}  // namespace postern::testing
