// The daemon.

#include "tests/scenario/scenario.h"
#include "tests/support/postern/http_get.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    s.postern.settings = "listen: 127.0.0.1:" + std::to_string(port) + "\ndefaults:\n  schedule: {every: 1s}\n";
  }

  std::unique_ptr<ChildProcess> run() {
    auto daemon = s.postern.start({"run"});
    if (!daemon->wait_for_errors("http: listening", 30s)) ADD_FAILURE() << daemon->errors();
    return daemon;
  }

  /// A sample of /metrics, `name` with its labels; -1 when it is not there.
  double metric(const std::string& name) const {
    const std::string text = "\n" + http_get(port, "/metrics").body;
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
  }

  /// Asks until `name` is at least `least`.
  bool wait_for_metric(ChildProcess& daemon, const std::string& name, double least) const {
    const auto latest = std::chrono::steady_clock::now() + 60s;
    while (metric(name) < least) {
      if (std::chrono::steady_clock::now() > latest || daemon.wait(10ms)) return false;
    }
    return true;
  }

  static void expect_good_end(ChildProcess& daemon) {
    daemon.send_signal(SIGTERM);
    EXPECT_EQ(daemon.wait(10s), ExitStatus{}) << daemon.errors();
    EXPECT_THAT(daemon.errors(), HasSubstr("stopped"));
  }

  std::uint16_t port = free_port();
  Scenario s{ServerKind::fake};
};

constexpr const char* kPasses = "postern_sync_passes_total{account=\"alice\",state=\"ok\"}";
constexpr const char* kFetched = "postern_messages_fetched_total{account=\"alice\"}";
constexpr const char* kAppended = "postern_messages_appended_total{account=\"alice\"}";
constexpr const char* kOctets = "postern_bytes_fetched_total{account=\"alice\"}";

TEST_F(RunTest, PassesComeByScheduleAndThePagesTellOfThem) {
  fill(s.source.user(), varied_account(71, 40));
  const auto daemon = run();
  EXPECT_EQ(http_get(port, "/healthz").status, 200);
  EXPECT_EQ(http_get(port, "/readyz").status, 200);
  EXPECT_EQ(http_get(port, "/").status, 404);
  ASSERT_TRUE(wait_for_metric(*daemon, kPasses, 1)) << daemon->errors();
  EXPECT_EQ(metric("postern_accounts"), 1);
  EXPECT_EQ(metric("postern_vault_state{state=\"ok\"}"), 1);
  EXPECT_EQ(metric("postern_sync_progress_ratio{account=\"alice\",role=\"source\"}"), 1);
  EXPECT_EQ(metric("postern_sync_progress_ratio{account=\"alice\",role=\"target\"}"), 1);
  const double fetched = metric(kFetched);
  EXPECT_GT(fetched, 0);
  EXPECT_EQ(metric(kAppended), fetched);
  EXPECT_EQ(s.differences(), "");

  s.source.user().append("INBOX", mail("news"));
  ASSERT_TRUE(wait_for_metric(*daemon, kAppended, fetched + 1)) << "the next pass comes by itself\n"
                                                                << daemon->errors();
  EXPECT_GE(metric(kPasses), 2);
  EXPECT_EQ(s.differences(), "") << "status and ls work beside the daemon";
  expect_good_end(*daemon);
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_F(RunTest, StoppedInTheMiddleOfABigPullItEndsSoonAndInGoodOrder) {
  MailGenerator generator(72);
  for (int i = 0; i < 120; ++i) s.source.fake()->append("INBOX", generator.with_attachments(200'000));
  // Slow enough that it cannot be done before it is stopped.
  for (int i = 0; i < 8; ++i) {
    s.source.fake()->next_connection({.drip_octets = 40'000, .drip_every = 20ms});
  }
  const auto daemon = run();
  ASSERT_TRUE(wait_for_metric(*daemon, kOctets, 1'000'000)) << daemon->errors();
  EXPECT_EQ(metric("postern_sync_running{account=\"alice\"}"), 1);
  const double ratio = metric("postern_sync_progress_ratio{account=\"alice\",role=\"source\"}");
  EXPECT_LT(ratio, 1);
  expect_good_end(*daemon);
  EXPECT_EQ(s.postern.problems(), 0u);
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.differences(), "");
  EXPECT_EQ(s.postern.problems(), 0u);
}

TEST_F(RunTest, ASecondWriterIsToldWhoHoldsTheVault) {
  const auto daemon = run();
  for (const std::string verb : {"run", "sync"}) {
    const Finished second = s.postern.run({verb});
    EXPECT_EQ(second.status, (ExitStatus{3, 0})) << second.err;
    EXPECT_THAT(second.err, HasSubstr(s.postern.vault().string()));
    EXPECT_THAT(second.err, HasSubstr("postern run"));
    EXPECT_THAT(second.err, HasSubstr(std::to_string(daemon->pid())));
    EXPECT_THAT(second.err, HasSubstr("stop it first, or use a command that only reads"));
    EXPECT_EQ(second.out, "");
  }
  EXPECT_EQ(http_get(port, "/healthz").status, 200) << "the first is not disturbed";
  expect_good_end(*daemon);
}

}  // namespace
}  // namespace postern::testing
