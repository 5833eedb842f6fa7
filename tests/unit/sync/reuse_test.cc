// Messages that the vault has already under another UID or in another mailbox: entered without their bodies.

#include "core/sync/planner/reuse.h"
#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

using sync::PassReport;
using ::testing::HasSubstr;

struct Way {
  const char* name;
  bool email_ids;
};

class ReuseTest : public PassTest, public ::testing::WithParamInterface<Way> {
 protected:
  static constexpr int kMany = 400;

  ReuseTest() {
    with_target = false;
    source.quirks.email_ids = GetParam().email_ids;
    source.create("A");
    source.create("B");
    for (int i = 0; i < kMany; ++i) source.append("A", mail("a" + std::to_string(i)), {"\\Seen"});
    source.append("B", mail("b"));
    sync();
    source.bodies_sent = 0;
  }
  /// A pass after which everything is as at the source.
  PassReport follow() {
    auto report = sync();
    EXPECT_EQ(report.state, PassReport::State::ok);
    expect_in_step();
    return report;
  }
  void move_all(std::string_view from, std::string_view to) {
    for (std::uint32_t uid = 1; uid < source.box(from).uidnext; ++uid) {
      if (source.box(from).messages.contains(Uid(uid))) source.move(from, Uid(uid), to);
    }
  }
  /// One in a hundred is fetched to try the rest.
  void expect_samples_only(const PassReport& report) {
    EXPECT_EQ(source.bodies_sent, kMany / 100u);
    EXPECT_EQ(report.source.messages_fetched, kMany / 100u);
    EXPECT_EQ(report.source.bodies_reused, static_cast<unsigned>(kMany));
  }
};

TEST_P(ReuseTest, AMailboxUnderANewUidvalidity) {
  source.renumber("A");
  expect_samples_only(follow());
  expect_quiet();
}

TEST_P(ReuseTest, AMailboxUnderANewNameAndUidvalidity) {
  source.rename("A", "Elsewhere");
  expect_samples_only(follow());
  expect_quiet();
}

TEST_P(ReuseTest, ManyMailboxesWithMessagesOfOneSizeAndMomentAreRenamed) {
  constexpr int kMailboxes = 20;
  constexpr int kEach = 10;
  const auto name = [](int i) { return "R" + std::to_string(10 + i); };
  for (int i = 0; i < kMailboxes; ++i) {
    source.create(name(i));
    for (int m = 0; m < kEach; ++m) {
      source.box(name(i)).append(mail(name(i) + "m" + std::to_string(m)), {}, InternalDate{1'030'000'000 + m, 0});
    }
  }
  follow();
  source.bodies_sent = 0;
  for (int i = 0; i < kMailboxes; ++i) source.rename(name(i), "Elsewhere " + name(i));
  EXPECT_EQ(follow().source.bodies_reused, static_cast<unsigned>(kMailboxes * kEach));
  EXPECT_EQ(source.bodies_sent, static_cast<unsigned>(kMailboxes));  // a sample of each
}

TEST_P(ReuseTest, MessagesMovedIntoAMailboxThatIsLookedAtFirst) {
  move_all("A", "INBOX");
  expect_samples_only(follow());
  expect_quiet();
}

TEST_P(ReuseTest, MessagesMovedIntoAMailboxThatIsLookedAtLast) {
  for (int i = 0; i < 2 * kMany; ++i) source.append("B", mail("later" + std::to_string(i)));
  follow();
  source.bodies_sent = 0;
  move_all("A", "B");
  expect_samples_only(follow());
  expect_quiet();
}

TEST_P(ReuseTest, MessagesMovedIntoANewMailbox) {
  source.create("New");
  move_all("A", "New");
  expect_samples_only(follow());
}

TEST_P(ReuseTest, AMoveThatIsSeenInTwoPasses) {
  ModelMailbox whole = source.box("A");
  while (!source.box("A").messages.empty()) source.box("A").expunge(source.box("A").messages.begin()->first);
  follow();
  for (const auto& [uid, message] : whole.messages) {
    source.box("B").append(message.octets, message.flags, message.date, message.email_id);
  }
  expect_samples_only(follow());
}

TEST_P(ReuseTest, AMoveIntoANewMailboxThatIsSeenADayAfterTheLoss) {
  ModelMailbox whole = source.box("A");
  while (!source.box("A").messages.empty()) source.box("A").expunge(source.box("A").messages.begin()->first);
  follow();
  loop.advance(std::chrono::hours(24));
  source.create("New");  // a row of this pass before the history is read
  for (const auto& [uid, message] : whole.messages) {
    source.box("New").append(message.octets, message.flags, message.date, message.email_id);
  }
  expect_samples_only(follow());
}

TEST_P(ReuseTest, ASingleMovedMessage) {
  source.move("A", Uid(7), "B");
  const auto report = follow();
  EXPECT_EQ(report.source.messages_fetched + report.source.bodies_reused, 1u);
}

TEST_P(ReuseTest, FlagsAndDateAreTheServersOfNow) {
  source.renumber("A");
  for (std::uint32_t uid = 1; uid <= kMany; ++uid) source.box("A").store(Uid(uid), {"$Moved"});
  follow();
  for (const Entry& entry : vault.present("A")) ASSERT_TRUE(entry.flags.contains("$Moved"));
}

TEST_P(ReuseTest, WhatIsNewAmongThemIsFetched) {
  source.rename("A", "Elsewhere");
  for (int i = 0; i < 10; ++i) source.append("Elsewhere", mail("new" + std::to_string(i)));
  EXPECT_EQ(follow().source.messages_fetched, kMany / 100u + 10u);
}

TEST_P(ReuseTest, ADamagedBodyIsNotReused) {
  const Entry first = vault.present("A").front();
  vault.damaged.insert(first.digest);
  source.renumber("A");
  follow();
  EXPECT_TRUE(vault.damaged.contains(first.digest));
  EXPECT_GT(source.bodies_sent, 0u);
}

TEST_P(ReuseTest, AConnectionThatBreaksInBetweenCostsNothingTwice) {
  source.rename("A", "Elsewhere");
  faults.at("source.headers", 1, Fault::cut_before);
  expect_samples_only(follow());
}

TEST_P(ReuseTest, AProcessThatEndsInBetweenGoesOnWhereItWas) {
  source.renumber("A");
  faults.at("vault.commit", 2, Fault::killed_after);
  EXPECT_FALSE(sync_or_die());
  faults.clear();
  follow();
  EXPECT_LE(source.bodies_sent, 2u * kMany / 100u);
  expect_quiet();
}

TEST_P(ReuseTest, AServerThatListsNothingOfThemHandsOutTheBodies) {
  source.renumber("A");
  source.quirks.silent_of_identities = true;
  follow();
  EXPECT_EQ(source.bodies_sent, static_cast<unsigned>(kMany));
}

TEST_P(ReuseTest, AMailboxWithoutAnyLikenessCostsNoQuestion) {
  restart_counts();
  source.append("B", mail("just new"));
  follow();
  EXPECT_EQ(faults.calls_of("source.identities"), 0);
}

INSTANTIATE_TEST_SUITE_P(Servers, ReuseTest, ::testing::Values(Way{"EmailIds", true}, Way{"SizeAndDate", false}),
                         [](const auto& info) { return info.param.name; });

// ------------------------------------------------------------------------------------------- servers that mislead

class LyingServerTest : public PassTest {
 protected:
  LyingServerTest() { with_target = false; }
  /// Different messages that nothing but their bodies tells apart.
  static Bytes twin(int i) { return mail("same", "body " + std::to_string(1000 + i)); }
  static InternalDate one_date() { return {1'030'000'000, 0}; }
};

TEST_F(LyingServerTest, OneEmailIdForDifferentMessagesIsFoundOut) {
  source.quirks.email_ids = source.quirks.labels = source.quirks.one_email_id = true;
  for (int i = 0; i < 50; ++i)
    source.append("INBOX", mail("a" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x')));
  sync();
  for (int i = 0; i < 50; ++i)
    source.append("INBOX", mail("b" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x')));
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_EQ(report.problems.size(), 1u);
  expect_in_step();
}

TEST_F(LyingServerTest, OneEmailIdForMessagesOfOneHeaderAndSizeIsFoundOutByASample) {
  source.quirks.email_ids = source.quirks.labels = source.quirks.one_email_id = true;
  for (int i = 0; i < 50; ++i) source.box("INBOX").append(twin(i), {}, one_date());
  sync();
  expect_in_step();
  for (int i = 50; i < 100; ++i) source.box("INBOX").append(twin(i), {}, one_date());
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  EXPECT_THAT(report.problems.at(0).to_string(), HasSubstr("is another message than the one held"));
  expect_in_step();
}

TEST_F(LyingServerTest, WhatWasEnteredBeforeTheSampleDiffersIsFetchedAfterAll) {
  source.quirks.email_ids = source.quirks.labels = true;
  source.create("A");
  constexpr int kWindowAndMore = 5'200;
  for (int i = 0; i < kWindowAndMore; ++i) source.append("A", mail("a" + std::to_string(i)));
  sync();
  // The server has lost its bodies behind the names: of all messages, what comes now is another text of the same size.
  source.renumber("A");
  auto& messages = source.box("A").messages;
  int number = 0;
  for (auto& [uid, message] : messages) {
    if (++number > 5'000 || number % 2 == 0) message.octets.replace(message.octets.size() - 6, 4, "TEXT");
  }
  const auto report = sync();
  EXPECT_EQ(report.state, PassReport::State::attention);
  expect_in_step();
}

/// Two windows of messages are held and have new UIDs.
class TwoWindowsTest : public LyingServerTest {
 protected:
  static constexpr std::uint32_t kWindow = 5'000;
  static constexpr std::uint32_t kAll = 5'200;

  TwoWindowsTest() {
    source.quirks.email_ids = source.quirks.labels = true;
    source.create("A");
    for (std::uint32_t i = 0; i < kAll; ++i) source.append("A", mail("a" + std::to_string(i)));
    sync();
    for (const Entry& entry : vault.present("A")) held.emplace_back(entry.place.uid, entry.digest);
    source.renumber("A");
  }
  /// The server has lost its body behind the name: what comes is another text of the same size.
  void spoil(std::uint32_t uid) {
    Bytes& octets = source.box("A").messages.at(Uid(uid)).octets;
    octets.replace(octets.size() - 6, 4, "TEXT");
  }
  /// The samples of a range.
  UidSet samples(std::uint32_t first, std::uint32_t last) const {
    const std::vector<std::pair<Uid, Digest>> window(held.begin() + first - 1, held.begin() + last);
    UidSet chosen;
    for (const std::size_t index : sync::choose_samples(window)) chosen.add(window[index].first);
    return chosen;
  }
  std::uint32_t unsampled(std::uint32_t first, std::uint32_t last) const {
    return UidSet::range(first, last).without(samples(first, last)).min().value();
  }
  std::vector<std::pair<Uid, Digest>> held;
};

TEST_F(TwoWindowsTest, AProcessThatEndsBeforeTheSecondsSamplesCameHasEnteredNothing) {
  spoil(unsampled(1, kWindow));
  for (std::uint32_t uid = kWindow + 1; uid <= kAll; ++uid) spoil(uid);
  faults.at("source.fetch", 2, Fault::killed_after);
  EXPECT_FALSE(sync_or_die());
  faults.clear();
  EXPECT_EQ(sync().state, PassReport::State::attention);
  expect_in_step();
}

TEST_F(TwoWindowsTest, WhatWasEnteredIsComparedAfterACutToo) {
  const std::uint32_t wrong = unsampled(kWindow + 1, kAll);
  spoil(wrong);
  int listings = 0;
  int connections = 0;
  faults.choose([&](std::string_view call) {
    if (call == "source.connect" && ++connections == 3) source.quirks.cuts = UidSet();
    if (call != "source.identities" || ++listings != 3) return Fault::none;
    // The second window is entered. From now on the first is wrong, and the line breaks where only the second is left.
    const UidSet came = samples(1, kWindow);
    for (std::uint32_t uid = 1; uid <= kWindow; ++uid) {
      if (!came.contains(Uid(uid))) spoil(uid);
    }
    source.quirks.cuts = {kWindow + 1};
    return Fault::cut_before;
  });
  EXPECT_EQ(sync().state, PassReport::State::attention);
  EXPECT_EQ(connections, 3);
  expect_in_step();
}

TEST_F(LyingServerTest, ADoubtfulMessageThatComesProvesNothingOfOthers) {
  source.quirks.email_ids = true;
  source.create("A");
  for (int i = 0; i < 150; ++i) source.append("A", mail("a" + std::to_string(i)));
  sync();
  std::vector<std::pair<Uid, Digest>> proven;
  const std::vector<Entry> entries = vault.present("A");
  vault.damaged.insert(entries.front().digest);
  for (std::size_t i = 1; i < entries.size(); ++i) proven.emplace_back(entries[i].place.uid, entries[i].digest);
  for (const std::size_t index : sync::choose_samples(proven)) source.quirks.refused.add(proven[index].first);
  source.renumber("A");
  source.bodies_sent = 0;
  sync();
  EXPECT_EQ(source.bodies_sent, 150u - source.quirks.refused.size());
}

TEST_F(LyingServerTest, TwoHeldMessagesThatFitTellNothing) {
  source.box("INBOX").append(twin(1), {}, one_date());
  source.box("INBOX").append(twin(2), {}, one_date());
  sync();
  source.bodies_sent = 0;
  source.renumber("INBOX");
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source.bodies_sent, 2u);
  expect_in_step();
}

TEST_F(LyingServerTest, ASizeThatIsNotTheSizeProvesNothing) {
  source.quirks.size_lie = 3;
  for (int i = 0; i < 50; ++i) source.append("INBOX", mail("a" + std::to_string(i)));
  sync();
  source.bodies_sent = 0;
  source.renumber("INBOX");
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source.bodies_sent, 50u);
  expect_in_step();
}

TEST_F(LyingServerTest, WithoutItsSizeAnEmailIdTellsAfterTheFirstBodiesCame) {
  source.quirks.email_ids = true;
  source.quirks.size_lie = 3;
  source.create("A");
  source.create("B");
  for (int i = 0; i < 200; ++i) source.append("A", mail("a" + std::to_string(i)));
  for (int i = 0; i < 300; ++i) source.append("B", mail("b" + std::to_string(i)));
  sync();
  source.bodies_sent = 0;
  source.renumber("A");
  source.renumber("B");
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source.bodies_sent, 200u + 300u / 100u);
  expect_in_step();
}

TEST_F(LyingServerTest, LabelsAreOneBody) {
  source.quirks.email_ids = source.quirks.labels = true;
  source.create("All Mail");
  for (int i = 0; i < 300; ++i) {
    const Uid uid = source.append("INBOX", mail("a" + std::to_string(i)));
    source.copy("INBOX", uid, "All Mail");
  }
  EXPECT_EQ(sync().state, PassReport::State::ok);
  EXPECT_EQ(source.bodies_sent, 300u + 300u / 100u);
  expect_in_step();
}

}  // namespace
}  // namespace postern::testing
