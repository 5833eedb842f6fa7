#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/sync/pass.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/model/model_source.h"
#include "tests/support/model/model_source_writer.h"
#include "tests/support/model/model_target.h"
#include "tests/support/model/model_vault.h"

namespace postern::testing {

/// A message with that subject; equal subjects and texts give equal octets.
inline Bytes mail(std::string_view subject, std::string_view text = "text") {
  return "From: a@example.org\r\nSubject: " + std::string(subject) + "\r\n\r\n" + std::string(text) + "\r\n";
}

/// A source, a vault and a target in memory, and passes between them.
struct World {
  ManualLoop loop;
  Faults faults{loop};
  ModelServer source;
  ModelServer target;
  VaultState vault;
  sync::PassOptions options;
  sync::Progress progress;
  std::uint64_t most_in_flight = 0;
  int most_commits = 0;
  bool store_fails = false;
  int commit_turns = 3;
  bool with_target = true;

  World() {
    options.account = "alice";
    options.target = "new";
  }

  /// One pass, to its end.
  sync::PassReport sync(Wait wait = {}) {
    faults.start();
    ModelSource from(source, faults, loop);
    ModelTarget to(target, faults, loop);
    ModelSourceWriter writer(source, faults, loop);
    ModelVault port(vault, faults, loop);
    port.store_fails = store_fails;
    port.commit_turns = commit_turns;
    auto report =
        loop.run(sync::run_pass(options, from, with_target ? &to : nullptr, port, loop, progress, wait, &writer));
    most_in_flight = port.most_in_flight;
    most_commits = port.most_commits;
    return report;
  }
  /// One pass that may be killed on its way: true when it came to its end.
  bool sync_or_die() {
    try {
      sync();
      return true;
    } catch (const std::runtime_error&) {  // nothing can go on: the process was killed
      return false;
    }
  }
  void restart_counts() {
    faults.forget_counts();
    vault.writes = source.mutations = target.mutations = 0;
  }
};

/// Compares what is where; empty when source = vault = target, message by message and flag by flag.
std::string difference(const World& world);

class PassTest : public ::testing::Test, public World {
 protected:
  void expect_in_step() { EXPECT_EQ(difference(*this), ""); }
  bool has_doubts() const {
    return std::any_of(vault.targets.begin(), vault.targets.end(),
                       [](const auto& t) { return !t.second.doubts.empty(); });
  }
  /// For a day after an APPEND in doubt the target is looked at. Nothing is written meanwhile.
  void outlive_doubts() {
    restart_counts();
    EXPECT_EQ(sync().state, sync::PassReport::State::ok);
    EXPECT_EQ(vault.writes, 0u);
    EXPECT_EQ(target.mutations, 0u);
    loop.advance(std::chrono::hours(25));
    EXPECT_EQ(sync().state, sync::PassReport::State::ok);
    EXPECT_FALSE(has_doubts());
  }
  /// A further pass has nothing to do (I10).
  void expect_quiet() {
    if (has_doubts()) outlive_doubts();
    restart_counts();
    const auto report = sync();
    EXPECT_EQ(report.state, sync::PassReport::State::ok);
    EXPECT_EQ(vault.writes, 0u);
    EXPECT_EQ(target.mutations, 0u);
    EXPECT_EQ(faults.calls_of("source.connect"), 1);
    EXPECT_EQ(faults.calls_of("source.list"), 1);
    EXPECT_EQ(faults.calls_of("source.open"), 0);
    EXPECT_EQ(faults.calls_of("target.connect"), 0);
  }
  FlagSet target_flags(std::string_view name, std::uint32_t uid) {
    return target.box(name).messages.at(Uid(uid)).flags;
  }
};

}  // namespace postern::testing
