#include "core/client/append.h"

#include <deque>

#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using std::chrono::seconds;
using Fate = AppendReport::Fate;

/// A message in pieces; fails after them when told to.
class Pieces final : public BodySource {
 public:
  explicit Pieces(std::deque<Bytes> pieces, std::optional<Error> error = std::nullopt)
      : pieces_(std::move(pieces)), error_(std::move(error)) {}
  Task<Result<Bytes>> next(Wait) override {
    if (pieces_.empty() && error_) co_return fail(*error_);
    if (pieces_.empty()) co_return Bytes();
    Bytes piece = std::move(pieces_.front());
    pieces_.pop_front();
    co_return piece;
  }

 private:
  std::deque<Bytes> pieces_;
  std::optional<Error> error_;
};

class AppendTest : public ClientTest {
 protected:
  AppendReport append(std::vector<Bytes> messages) {
    imap::Append command;
    command.mailbox = MailboxName::from_wire("Work", '/');
    std::deque<Pieces> bodies;
    std::vector<BodySource*> sources;
    for (auto& message : messages) {
      command.messages.push_back({message.size(), {"\\Seen"}, std::nullopt});
      sources.push_back(&bodies.emplace_back(std::deque<Bytes>{message}));
    }
    return loop.run(client::append(*client, std::move(command), std::move(sources), Wait{}));
  }
  AppendReport append_failing(std::uint64_t size, std::deque<Bytes> pieces, std::optional<Error> error = std::nullopt) {
    imap::Append command;
    command.mailbox = MailboxName::from_wire("Work", '/');
    command.messages.push_back({size, {}, std::nullopt});
    Pieces body(std::move(pieces), std::move(error));
    return loop.run(client::append(*client, std::move(command), {&body}, Wait{}));
  }
};

TEST_F(AppendTest, SynchronisingLiteralWaitsForThePlus) {
  server.login().expect("APPEND Work (\\Seen) {5}").reply("+ go\r\n").octets("hello\r\n");
  server.reply("$ OK [APPENDUID 7 42] done\r\n");
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::stored);
  EXPECT_EQ(report.uids, (imap::AppendUid{UidValidity(7), {{42, 42}}}));
  EXPECT_TRUE(server.played());
}

TEST_F(AppendTest, LiteralPlusDoesNotWait) {
  server.login("LITERAL+").expect("APPEND Work (\\Seen) {5+}").octets("hello\r\n").reply("$ OK done\r\n");
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::stored);
  EXPECT_FALSE(report.uids.has_value());
}

TEST_F(AppendTest, LiteralMinusWaitsOnlyForTheLargeOnes) {
  const Bytes large(5000, 'x');
  server.login("LITERAL-").expect("APPEND Work (\\Seen) {5+}").octets("hello\r\n").reply("$ OK done\r\n");
  server.expect("APPEND Work (\\Seen) {5000}").reply("+ go\r\n").octets(large + "\r\n").reply("$ OK done\r\n");
  log_in();
  EXPECT_EQ(append({"hello"}).fate, Fate::stored);
  EXPECT_EQ(append({large}).fate, Fate::stored);
  EXPECT_TRUE(server.played());
}

TEST_F(AppendTest, SeveralMessagesAreOneCommand) {
  server.login("LITERAL+ MULTIAPPEND").expect("APPEND Work (\\Seen) {5+}").octets("hello (\\Seen) {3+}\r\nyou\r\n");
  server.reply("$ OK [APPENDUID 7 42:43] done\r\n");
  log_in();
  const AppendReport report = append({"hello", "you"});
  EXPECT_EQ(report.fate, Fate::stored);
  EXPECT_EQ(report.uids->count(), 2U);
}

TEST_F(AppendTest, M077RefusedAtThePlusStage) {
  server.login().expect("APPEND Work *").reply("$ NO [TRYCREATE] no such mailbox\r\n");
  server.expect("NOOP").reply("$ OK\r\n");
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::refused);
  EXPECT_EQ(report.error->kind(), ErrorKind::not_found);
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
}

TEST_F(AppendTest, M077RefusedAfterTheLiteral) {
  server.login().expect("APPEND Work *").reply("+ go\r\n").octets("hello\r\n").reply("$ NO [OVERQUOTA] full\r\n");
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::refused);
  EXPECT_EQ(report.error->kind(), ErrorKind::quota);
}

TEST_F(AppendTest, M078CutAfterTheLastOctetIsUnknown) {
  server.login().expect("APPEND Work *").reply("+ go\r\n").octets("hello\r\n").cut();
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::unknown);
  EXPECT_EQ(report.error->kind(), ErrorKind::transient);
}

TEST_F(AppendTest, ByeAfterTheLastOctetIsUnknownToo) {
  server.login().expect("APPEND Work *").reply("+ go\r\n").octets("hello\r\n").reply("* BYE going down\r\n").cut();
  log_in();
  EXPECT_EQ(append({"hello"}).fate, Fate::unknown);
}

TEST_F(AppendTest, CutBeforeThePlusIsNotSent) {
  server.login().expect("APPEND Work *").cut();
  log_in();
  const AppendReport report = append({"hello"});
  EXPECT_EQ(report.fate, Fate::not_sent);
  EXPECT_EQ(report.error->kind(), ErrorKind::transient);
}

TEST_F(AppendTest, OnADeadConnectionNothingIsSent) {
  server.login().expect("NOOP").cut();
  log_in();
  EXPECT_FALSE(execute(imap::Noop{}).has_value());
  EXPECT_EQ(append({"hello"}).fate, Fate::not_sent);
}

TEST_F(AppendTest, CutInsideTheBodyIsNotSent) {
  // The line breaks behind each of these octets of the body; the server goes on being silent.
  for (const std::size_t cut : {std::size_t{1}, std::size_t{60'000}, std::size_t{131'072}, std::size_t{180'000}}) {
    testing::ImapScript script(loop);
    script.login().expect("APPEND Work *").reply("+ go\r\n").swallow(cut).cut();
    testing::MemoryDialer cutting(loop);
    cutting.shape({.capacity = 1024}, {});
    cutting.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    auto connected = loop.run(ImapClient::connect(cutting, loop, settings, Wait{}));
    ASSERT_TRUE(connected.has_value());
    client = std::move(*connected);
    const AppendReport report = append({Bytes(200'000, 'x')});
    EXPECT_EQ(report.fate, Fate::not_sent) << cut;
    client.reset();
    loop.run_ready();
  }
}

TEST_F(AppendTest, AtEveryCutTheFateIsNeverWrong) {
  // Whatever has not arrived whole must not be called stored or refused; whatever has, not "not sent".
  const Bytes message(300, 'x');
  for (std::size_t cut = 0; cut <= message.size() + 2; ++cut) {
    testing::ImapScript script(loop);
    script.login("LITERAL+").expect("APPEND Work *").swallow(cut).cut();
    testing::MemoryDialer cutting(loop);
    cutting.shape({.capacity = 16}, {});
    cutting.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    auto connected = loop.run(ImapClient::connect(cutting, loop, settings, Wait{}));
    ASSERT_TRUE(connected.has_value());
    client = std::move(*connected);
    const AppendReport report = append({message});
    const bool all_arrived = cut == message.size() + 2;
    if (all_arrived) {
      EXPECT_EQ(report.fate, Fate::unknown) << cut;
    } else if (cut + 64 < message.size()) {
      EXPECT_EQ(report.fate, Fate::not_sent) << cut;  // further from the end than the pipe holds
    } else {
      EXPECT_TRUE(report.fate == Fate::not_sent || report.fate == Fate::unknown) << cut;
    }
    client.reset();
    loop.run_ready();
  }
}

TEST_F(AppendTest, M090AServerThatStopsReading) {
  dialer.shape({.capacity = 4096}, {});
  server.login().expect("APPEND Work *").reply("+ go\r\n").pause(seconds(86'400));
  log_in();
  const auto before = loop.elapsed();
  const AppendReport report = append({Bytes(200'000, 'x')});
  EXPECT_EQ(report.fate, Fate::not_sent);
  EXPECT_EQ(report.error->kind(), ErrorKind::transient);
  EXPECT_EQ(loop.elapsed() - before, seconds(60));
}

TEST_F(AppendTest, TheFinalAnswerGetsTimeInProportion) {
  const Bytes message(512 * 1024, 'x');
  server.login("LITERAL+")
      .expect("APPEND Work *")
      .swallow(message.size() + 2)
      .pause(seconds(61))
      .reply("$ OK done\r\n");
  log_in();
  EXPECT_EQ(append({message}).fate, Fate::stored) << "60 s and one more for each 256 KiB";
}

TEST_F(AppendTest, SilenceAfterTheBodyIsUnknown) {
  server.login("LITERAL+").expect("APPEND Work *").octets("hello\r\n").hang();
  log_in();
  const auto before = loop.elapsed();
  EXPECT_EQ(append({"hello"}).fate, Fate::unknown);
  EXPECT_EQ(loop.elapsed() - before, seconds(60));
}

TEST_F(AppendTest, AVaultThatFailsInsideABodyEndsTheConnection) {
  server.login("LITERAL+").hang();
  log_in();
  const AppendReport report = append_failing(5, {"hel"}, Error(ErrorKind::store, "the object is damaged"));
  EXPECT_EQ(report.fate, Fate::not_sent);
  EXPECT_EQ(report.error->kind(), ErrorKind::store);
  EXPECT_FALSE(client->usable());
}

TEST_F(AppendTest, M074NeverMoreNorLessThanAnnounced) {
  for (const auto& pieces : {std::deque<Bytes>{"hell"}, std::deque<Bytes>{"hello", "!"}, std::deque<Bytes>{"hello!"}}) {
    testing::ImapScript script(loop);
    script.login("LITERAL+").hang();
    dialer.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    log_in();
    EXPECT_EQ(append_failing(5, pieces).fate, Fate::not_sent);
    EXPECT_FALSE(client->usable());
    hang_up();
  }
}

TEST_F(AppendTest, AnEmptyMessage) {
  server.login("LITERAL+").expect("APPEND Work {0+}").octets("\r\n").reply("$ OK\r\n");
  log_in();
  EXPECT_EQ(append_failing(0, {}).fate, Fate::stored);
}

}  // namespace
}  // namespace postern::client
