// COMPRESS=DEFLATE (RFC 4978): when it is asked for, what a refusal means, and that no octet is lost at the switch.

#include <gmock/gmock.h>

#include "core/client/append.h"
#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CompressTest : public ClientTest {
 protected:
  CompressTest() { settings.compress = true; }

  void expect_noop() {
    server.expect("NOOP").reply("$ OK done\r\n");
    log_in();
    const auto tagged = execute(imap::Noop{});
    ASSERT_TRUE(tagged.has_value()) << tagged.error().to_string();
    EXPECT_EQ(tagged->status, imap::Status::ok);
    EXPECT_TRUE(server.played());
  }
  /// Logs in to a server of this script's, over a line of this shape.
  void log_in_to(testing::ImapScript& script, testing::PipeOptions line) {
    others.push_back(std::make_unique<testing::MemoryDialer>(loop));
    others.back()->shape(line, line);
    others.back()->serve("imap.test", 993,
                         [&script](std::unique_ptr<Stream> stream) { return script.serve(std::move(stream)); });
    auto connected = loop.run(ImapClient::connect(*others.back(), loop, settings, Wait{}));
    ASSERT_TRUE(connected.has_value()) << connected.error().to_string();
    client = std::move(*connected);
  }
  std::vector<std::string> commands_after_login() { return {server.heard().begin() + 1, server.heard().end()}; }

  std::vector<std::unique_ptr<testing::MemoryDialer>> others;
};

/// A message of one piece.
class Piece final : public BodySource {
 public:
  explicit Piece(Bytes octets) : octets_(std::move(octets)) {}
  Task<Result<Bytes>> next(Wait) override { co_return std::exchange(octets_, {}); }

 private:
  Bytes octets_;
};

TEST_F(CompressTest, FollowsTheLoginAloneAndTheRestIsCompressed) {
  server.login("ID ENABLE QRESYNC COMPRESS=DEFLATE").expect("COMPRESS DEFLATE").reply("$ OK go\r\n").deflate();
  server.expect("ID*").expect("ENABLE QRESYNC").reply("* ID NIL\r\n$ OK\r\n* ENABLED QRESYNC\r\n$ OK\r\n");
  expect_noop();
  EXPECT_TRUE(client->compressed());
  EXPECT_TRUE(client->qresync());
}

TEST_F(CompressTest, OctetsBehindTheOkAreInflated) {
  server.login("COMPRESS=DEFLATE").expect("COMPRESS DEFLATE");
  server.reply("$ OK go\r\n").deflate().reply("* OK [ALERT] the first\r\n").reply("* 3 EXISTS\r\n* 1 RECENT\r\n");
  expect_noop();
  EXPECT_TRUE(client->compressed());
}

TEST_F(CompressTest, WhateverTheSegments) {
  for (std::size_t segment = 1; segment < 24; ++segment) {
    testing::ImapScript script(loop);
    script.login("COMPRESS=DEFLATE").expect("COMPRESS DEFLATE").reply("$ OK go\r\n").deflate();
    script.reply("* OK the first\r\n").expect("NOOP").reply("$ OK done\r\n");
    log_in_to(script, {.segment = segment});
    EXPECT_TRUE(execute(imap::Noop{}).has_value()) << segment;
    EXPECT_TRUE(script.played()) << segment;
    hang_up();
  }
}

TEST_F(CompressTest, IsNotAskedForWithoutTheWish) {
  settings.compress = false;
  server.login("COMPRESS=DEFLATE");
  expect_noop();
  EXPECT_THAT(commands_after_login(), ElementsAre("NOOP"));
}

TEST_F(CompressTest, IsNotAskedForWhereItIsNotOffered) {
  server.login("IDLE");
  expect_noop();
  EXPECT_THAT(commands_after_login(), ElementsAre("NOOP"));
}

TEST_F(CompressTest, IsNotAskedForWhenDisabled) {
  settings.disabled = {"COMPRESS=DEFLATE"};
  server.login("COMPRESS=DEFLATE");
  expect_noop();
  EXPECT_THAT(commands_after_login(), ElementsAre("NOOP"));
}

TEST_F(CompressTest, ARefusalIsNoFailure) {
  server.login("COMPRESS=DEFLATE").expect("COMPRESS DEFLATE");
  server.reply("$ NO [COMPRESSIONACTIVE] TLS compresses already\r\n");
  expect_noop();
  EXPECT_FALSE(client->compressed());
}

TEST_F(CompressTest, NorIsABad) {
  server.login("COMPRESS=DEFLATE").expect("COMPRESS DEFLATE").reply("$ BAD what?\r\n");
  expect_noop();
  EXPECT_FALSE(client->compressed());
}

TEST_F(CompressTest, AServerThatSaysOkAndGoesOnInClearIsToldApart) {
  server.login("COMPRESS=DEFLATE").expect("COMPRESS DEFLATE").reply("$ OK go\r\n* OK still in clear\r\n").hang();
  log_in();
  const auto tagged = execute(imap::Noop{});
  ASSERT_FALSE(tagged.has_value());
  EXPECT_EQ(tagged.error().kind(), ErrorKind::protocol);
  EXPECT_THAT(tagged.error().to_string(), HasSubstr("compress: false"));
}

// A flush is longer than its last octet needs: a server that has not got all of it may have the whole message.
TEST_F(CompressTest, AtEveryCutOfAnAppendTheFateIsNeverWrong) {
  Bytes message;
  for (std::uint32_t i = 1; message.size() < 200; i = i * 1'664'525 + 1'013'904'223) {
    message.push_back(static_cast<char>('!' + (i >> 24) % 90));
  }
  int whole = 0;
  for (std::size_t cut = 0; cut <= message.size() + 2; ++cut) {
    testing::ImapScript script(loop);
    script.login("COMPRESS=DEFLATE LITERAL+").expect("COMPRESS DEFLATE").reply("$ OK go\r\n").deflate();
    script.expect("APPEND Work *").swallow(cut).cut();
    log_in_to(script, {.capacity = 2});
    imap::Append command;
    command.mailbox = MailboxName::from_wire("Work", '/');
    command.messages.push_back({message.size(), {}, std::nullopt});
    Piece body(message);
    const AppendReport report = loop.run(append(*client, std::move(command), {&body}, Wait{}));
    if (script.played() && cut == message.size() + 2) {
      ++whole;
      EXPECT_EQ(report.fate, AppendReport::Fate::unknown) << cut;
    } else {
      EXPECT_TRUE(report.fate == AppendReport::Fate::not_sent || report.fate == AppendReport::Fate::unknown) << cut;
    }
    hang_up();
  }
  EXPECT_EQ(whole, 1);
}

}  // namespace
}  // namespace postern::client
