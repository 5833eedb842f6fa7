// What is read of the vault before bodies are reused: once, completely, and for all sessions.

#include "core/sync/engine/reuse_pool.h"

#include "core/io/sleep.h"
#include "core/io/task_group.h"
#include "tests/unit/sync/pass_fixture.h"

namespace postern::testing {
namespace {

/// Reads on a later turn, as a store on a disk does.
class SlowVault final : public ModelVault {
 public:
  SlowVault(VaultState& state, Faults& faults, Scheduler& scheduler)
      : ModelVault(state, faults, scheduler), scheduler_(scheduler) {}
  Task<Result<std::vector<Entry>>> entries(MailboxId mailbox, UidValidity uidvalidity, UidRange range,
                                           std::size_t limit) override {
    ++reads;
    co_await yield(scheduler_);
    auto found = co_await ModelVault::entries(mailbox, uidvalidity, range, limit);
    co_return found;
  }
  Task<Result<std::vector<UidValidity>>> generations(MailboxId mailbox) override {
    ++reads;
    return ModelVault::generations(mailbox);
  }
  Task<Result<HistorySeq>> history_end() override {
    ++reads;
    return ModelVault::history_end();
  }
  int reads = 0;

 private:
  Scheduler& scheduler_;
};

class ReusePoolTest : public PassTest {
 protected:
  static constexpr std::uint32_t kMessages = 20;

  ReusePoolTest() { with_target = false; }
  void survey() {
    std::vector<MailboxRecord> records;
    for (const auto& [id, record] : vault.mailboxes) records.push_back(record);
    EXPECT_TRUE(loop.run(pool.survey(records, source.list(), HistorySeq(vault.history.size()))));
  }
  /// As for a new mailbox.
  Task<void> gather(std::uint64_t messages, std::size_t& found) {
    const auto gathered = co_await pool.gather(MailboxId(999), UidValidity(1), true, messages, Wait{});
    EXPECT_TRUE(gathered);
    for (const auto& [place, entry] : vault.entries) {
      if (!pool.candidates().find(entry.size, entry.internaldate).empty()) ++found;
    }
  }
  std::size_t gather(std::uint64_t messages = 1) {
    std::size_t found = 0;
    loop.run(gather(messages, found));
    return found;
  }
  void fill(const std::string& mailbox) {
    source.create(mailbox);
    for (std::uint32_t i = 0; i < kMessages; ++i) source.append(mailbox, mail(mailbox + std::to_string(i)));
  }

  SlowVault port{vault, faults, loop};
  sync::ReusePool pool{port, loop};
};

TEST_F(ReusePoolTest, ASecondSessionSeesWhatTheFirstIsReading) {
  fill("A");
  fill("B");
  sync();
  for (std::uint32_t uid = 1; uid <= kMessages; ++uid) {
    source.box("A").expunge(Uid(uid));
    source.box("B").expunge(Uid(uid));
  }
  sync();
  source.append("INBOX", mail("new"));
  survey();
  std::size_t first = 0;
  std::size_t second = 0;
  TaskGroup sessions(loop);
  sessions.spawn(gather(1, first));
  sessions.spawn(gather(1, second));
  loop.run(sessions.join());
  EXPECT_EQ(first, 2 * kMessages);
  EXPECT_EQ(second, 2 * kMessages);
}

TEST_F(ReusePoolTest, MailboxesThatAreGoneAreReadOnceForAllNewOnes) {
  for (int i = 0; i < 30; ++i) fill("Gone" + std::to_string(i));
  sync();
  for (int i = 0; i < 30; ++i) source.remove("Gone" + std::to_string(i));
  sync();
  source.append("INBOX", mail("new"));
  survey();
  EXPECT_EQ(gather(), 30 * kMessages);
  port.reads = 0;
  for (int i = 0; i < 30; ++i) gather();
  EXPECT_EQ(port.reads, 30) << "the end of the history";
}

TEST_F(ReusePoolTest, NothingIsReadWhereNothingIsHeld) {
  source.append("INBOX", mail("new"));
  survey();
  EXPECT_EQ(gather(), 0u);
  EXPECT_EQ(port.reads, 0);
}

}  // namespace
}  // namespace postern::testing
