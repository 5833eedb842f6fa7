// COMPRESS=DEFLATE against a real server: the same mail in fewer octets.

#include "tests/scenario/scenario.h"
#include "tests/support/delay_proxy/delay_proxy.h"

namespace postern::testing {
namespace {

/// Two Dovecots, each at the end of a line that counts octets.
struct CompressTest : ::testing::Test {
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
    s = std::make_unique<Scenario>(ServerKind::dovecot);
    fill(s->source.user(), varied_account(17, 120));
  }
  /// A first pass of a fresh vault; each side goes over a line of its own.
  SyncReport pass(bool compress, PlainTls tls) {
    to_source = std::make_unique<DelayProxy>(s->source.port(tls), LineShape{});
    to_target = std::make_unique<DelayProxy>(s->target.port(tls), LineShape{});
    s->postern.source = SideConfig::of(s->source, tls);
    s->postern.target = SideConfig::of(s->target, tls);
    s->postern.source.port = to_source->port();
    s->postern.target->port = to_target->port();
    s->postern.source.compress = s->postern.target->compress = compress;
    return s->sync();
  }

  std::unique_ptr<Scenario> s;
  std::unique_ptr<DelayProxy> to_source, to_target;
};

TEST_F(CompressTest, TheSameMailArrivesInFewerOctetsBothWays) {
  EXPECT_CLEAN(pass(false, PlainTls::none));
  EXPECT_EQ(s->differences(), "");
  const auto pulled = to_source->passed().to_client, replayed = to_target->passed().to_server;
  s = nullptr;
  SetUp();
  EXPECT_CLEAN(pass(true, PlainTls::none));
  EXPECT_EQ(s->differences(), "");
  EXPECT_LT(to_source->passed().to_client, pulled * 8 / 10);
  EXPECT_LT(to_target->passed().to_server, replayed * 8 / 10);
}

TEST_F(CompressTest, UnderTlsAndForLaterChangesToo) {
  EXPECT_CLEAN(pass(true, PlainTls::implicit));
  s->source.user().append("INBOX", mail("a late one"), {"\\Flagged"});
  EXPECT_CLEAN(s->sync());
  EXPECT_EQ(s->differences(), "");
  EXPECT_EQ(s->postern.problems(), 0u);
}

}  // namespace
}  // namespace postern::testing
