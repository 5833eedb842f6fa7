#include <algorithm>

#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using RunTest = ClientTest;

/// Many commands of one kind.
class Noops final : public Conversation {
 public:
  explicit Noops(int count) : left_(count) {}
  std::optional<imap::Command> next() override {
    if (left_ == 0) return std::nullopt;
    --left_;
    most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
    return imap::Noop{};
  }
  std::size_t window() const override { return window_; }
  Result<void> completed(imap::Tagged& tagged) override {
    --in_flight_;
    ++done_;
    if (tagged.error) return fail(std::move(*tagged.error));
    return {};
  }
  int left_;
  int done_ = 0;
  std::size_t window_ = SIZE_MAX;
  std::size_t in_flight_ = 0;
  std::size_t most_in_flight_ = 0;
};

TEST_F(RunTest, CommandsArePipelinedWithinTheWindow) {
  server.login();
  for (int i = 0; i < 3; ++i) server.expect("NOOP");
  for (int i = 0; i < 2; ++i) server.reply("$ OK\r\n").expect("NOOP");
  server.reply("$ OK\r\n$ OK\r\n$ OK\r\n");
  log_in();
  Noops noops(5);
  noops.window_ = 3;
  EXPECT_TRUE(loop.run(client->run(noops, Wait{})).has_value());
  EXPECT_EQ(noops.done_, 5);
  EXPECT_EQ(noops.most_in_flight_, 3U);
  EXPECT_TRUE(server.played());
}

TEST_F(RunTest, APipelineHoldsNoMoreOctetsThanTheSettingsAllow) {
  settings.pipeline_octets = 40;
  server.login();
  for (int i = 0; i < 20; ++i) server.expect("NOOP").reply("$ OK\r\n");
  log_in();
  Noops noops(20);
  EXPECT_TRUE(loop.run(client->run(noops, Wait{})).has_value());
  EXPECT_LE(noops.most_in_flight_, 4U);
}

TEST_F(RunTest, AConversationsErrorHearsOutWhatIsInFlight) {
  server.login().expect("NOOP").expect("NOOP").reply("$ NO [INUSE] busy\r\n$ OK\r\n");
  server.expect("NOOP").reply("$ OK\r\n");
  log_in();
  Noops noops(3);
  noops.window_ = 2;
  const auto ran = loop.run(client->run(noops, Wait{}));
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().kind(), ErrorKind::busy);
  EXPECT_EQ(noops.done_, 2);
  EXPECT_EQ(noops.left_, 1) << "nothing is sent after the error";
  EXPECT_TRUE(client->usable());
  EXPECT_TRUE(execute(imap::Noop{}).has_value()) << "the line is in step";
}

TEST_F(RunTest, UntaggedDataReachesTheConversation) {
  server.login().expect("LIST \"\" *").reply("* LIST () \"/\" INBOX\r\n* LIST () \"/\" Work\r\n$ OK\r\n");
  log_in();
  std::vector<std::string> names;
  const auto take = [&names](imap::Untagged& untagged) {
    if (const auto* list = std::get_if<imap::ListData>(&untagged.data)) names.push_back(list->name.display());
  };
  EXPECT_TRUE(loop.run(client->execute(imap::List{}, take, Wait{})).has_value());
  EXPECT_EQ(names, (std::vector<std::string>{"INBOX", "Work"}));
}

TEST_F(RunTest, SilenceEndsTheConnectionAfterAMinute) {
  server.login().expect("NOOP").hang();
  log_in();
  const auto before = loop.elapsed();
  const auto answered = execute(imap::Noop{});
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().to_string(), "imap.test: timed out: no answer for 60 s");
  EXPECT_EQ(loop.elapsed() - before, seconds(60));
  EXPECT_FALSE(client->usable());
  EXPECT_EQ(execute(imap::Noop{}).error().kind(), ErrorKind::transient) << "the reason stays";
}

TEST_F(RunTest, M026KeepAlivesDoNotKeepACommandAliveForEver) {
  server.login().expect("NOOP");
  for (int i = 0; i < 100; ++i) server.pause(seconds(50)).reply("* OK still here\r\n");
  log_in();
  const auto before = loop.elapsed();
  const auto answered = execute(imap::Noop{});
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind(), ErrorKind::transient);
  EXPECT_LE(loop.elapsed() - before, seconds(400));
  hang_up();
}

TEST_F(RunTest, TheCallersDeadlineHolds) {
  server.login().expect("NOOP").hang();
  log_in();
  const Wait wait{.deadline = loop.now() + seconds(5), .stop = {}};
  const auto answered = loop.run(client->execute(imap::Noop{}, {}, wait));
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind(), ErrorKind::transient);
  EXPECT_FALSE(client->usable());
}

TEST_F(RunTest, AStopIsACancellation) {
  server.login().expect("NOOP").hang();
  log_in();
  StopSource stop;
  loop.call_at(loop.now() + seconds(1), [&stop] { stop.request_stop(); });
  const auto answered = loop.run(client->execute(imap::Noop{}, {}, Wait{.stop = stop.token()}));
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind(), ErrorKind::cancelled);
}

TEST_F(RunTest, M041AnUnaskedByeSaysWhyTheConnectionEnds) {
  server.login().expect("NOOP").reply("* BYE Shutting down for maintenance\r\n").cut();
  log_in();
  const auto answered = execute(imap::Noop{});
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind(), ErrorKind::transient);
  EXPECT_EQ(answered.error().server_text(), "Shutting down for maintenance");
}

TEST_F(RunTest, ACutConnectionIsTransient) {
  server.login().expect("NOOP").cut();
  log_in();
  const auto answered = execute(imap::Noop{});
  ASSERT_FALSE(answered.has_value());
  EXPECT_EQ(answered.error().kind(), ErrorKind::transient);
  EXPECT_EQ(answered.error().scope(), Scope::account);
}

TEST_F(RunTest, ThrottledOkSlowsTheNextCommandDown) {
  server.login().expect("NOOP").reply("$ OK Success [THROTTLED]\r\n");
  server.expect("NOOP").reply("$ OK [THROTTLED] again\r\n").expect("NOOP").reply("$ OK\r\n");
  log_in();
  const auto before = loop.elapsed();
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
  EXPECT_EQ(loop.elapsed() - before, milliseconds(0));
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
  EXPECT_EQ(loop.elapsed() - before, milliseconds(50));
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
  EXPECT_EQ(loop.elapsed() - before, milliseconds(150));
}

TEST_F(RunTest, LogoutIsSaidAndHeard) {
  server.login().logout();
  log_in();
  loop.run(client->logout());
  EXPECT_TRUE(server.played());
  EXPECT_FALSE(client->usable());
}

TEST_F(RunTest, LogoutWaitsFiveSecondsAtMost) {
  server.login().expect("LOGOUT").hang();
  log_in();
  const auto before = loop.elapsed();
  loop.run(client->logout());
  EXPECT_EQ(loop.elapsed() - before, seconds(5));
}

TEST_F(RunTest, ACommandThatCannotBeWrittenHarmsNothing) {
  server.login().expect("NOOP").reply("$ OK\r\n");
  log_in();
  const auto name = MailboxName::from_wire(std::string_view("a\0b", 3), '/');
  EXPECT_FALSE(execute(imap::Create{name}).has_value());
  EXPECT_TRUE(client->usable());
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
}

}  // namespace
}  // namespace postern::client
