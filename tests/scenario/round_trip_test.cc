// How often a pass waits for the line: each answer that is waited for costs a round trip, whatever the bandwidth.

#include "tests/scenario/scenario.h"
#include "tests/support/delay_proxy/delay_proxy.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

struct RoundTripTest : ::testing::Test {
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
    s = std::make_unique<Scenario>(ServerKind::dovecot);
    fill(s->source.user(), varied_account(19, 30));
  }
  /// A pass with no change at the source, over a line of its own: how often it waited for an answer before it spoke on.
  std::uint64_t quiet_pass(PlainTls tls, std::chrono::milliseconds rtt = 0ms) {
    s->postern.source = SideConfig::of(s->source, tls);
    EXPECT_CLEAN(s->sync({"--pull-only"}));
    line = std::make_unique<DelayProxy>(s->source.port(tls), LineShape{.rtt = rtt, .rate = 0});
    s->postern.source.port = line->port();
    const SyncReport report = s->sync({"--pull-only"});
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.source.at("messages_fetched"), 0u);
    EXPECT_EQ(line->passed().connections, 1u);
    return line->passed().turns;
  }

  std::unique_ptr<Scenario> s;
  std::unique_ptr<DelayProxy> line;
};

TEST_F(RoundTripTest, AQuietPassWaitsForTheGreetingTheLoginTheListingAndTheEnd) {
  // Spoken after something was heard: AUTHENTICATE, then ID, ENABLE and LIST in one go, LOGOUT.
  EXPECT_EQ(quiet_pass(PlainTls::none), 3u);
}

TEST_F(RoundTripTest, TlsCostsOneMore) {
  // The handshake's end, before the greeting is heard.
  EXPECT_EQ(quiet_pass(PlainTls::implicit), 4u);
}

}  // namespace
}  // namespace postern::testing
