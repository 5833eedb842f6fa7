#include <deque>
#include <limits>

#include "core/client/append.h"
#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using Fate = AppendReport::Fate;
using std::chrono::seconds;

class Whole final : public BodySource {
 public:
  explicit Whole(Bytes octets, bool damaged = false) : octets_(std::move(octets)), damaged_(damaged) {}
  Task<Result<Bytes>> next(Wait) override {
    if (damaged_) co_return fail(ErrorKind::store, "the object is damaged");
    co_return std::exchange(octets_, {});
  }

 private:
  Bytes octets_;
  bool damaged_;
};

class AppendEachTest : public ClientTest {
 protected:
  std::vector<AppendReport> append(std::vector<Bytes> messages,
                                   std::size_t damaged = std::numeric_limits<std::size_t>::max()) {
    std::vector<imap::Append> commands;
    std::deque<Whole> bodies;
    std::vector<BodySource*> sources;
    for (auto& message : messages) {
      commands.push_back({MailboxName::from_wire("Work", '/'), {{message.size(), {}, std::nullopt}}});
      const bool is_damaged = bodies.size() == damaged;
      sources.push_back(&bodies.emplace_back(std::move(message), is_damaged));
    }
    return loop.run(client::append_each(*client, std::move(commands), std::move(sources), Wait{}));
  }
  static std::vector<Fate> fates(const std::vector<AppendReport>& reports) {
    std::vector<Fate> all;
    for (const AppendReport& report : reports) all.push_back(report.fate);
    return all;
  }
};

TEST_F(AppendEachTest, WithLiteralPlusNothingIsAwaitedInBetween) {
  server.login("LITERAL+").expect("APPEND Work {3+}").octets("one\r\n").expect("APPEND Work {3+}").octets("two\r\n");
  server.expect("APPEND Work {0+}").octets("\r\n");
  server.reply("$ OK [APPENDUID 7 40] done\r\n$ OK [APPENDUID 7 41] done\r\n$ OK [APPENDUID 7 42] done\r\n");
  log_in();
  const auto reports = append({"one", "two", ""});
  EXPECT_EQ(fates(reports), (std::vector<Fate>{Fate::stored, Fate::stored, Fate::stored}));
  EXPECT_EQ(reports[1].uids, (imap::AppendUid{UidValidity(7), {{41, 41}}}));
  EXPECT_EQ(reports[2].uids, (imap::AppendUid{UidValidity(7), {{42, 42}}}));
  EXPECT_TRUE(server.played());
}

TEST_F(AppendEachTest, WithSynchronisingLiteralsTheNextCommandFollowsTheBodyAtOnce) {
  server.login().expect("APPEND Work {3}").reply("+ go\r\n").octets("one\r\n").expect("APPEND Work {3}");
  server.reply("$ OK [APPENDUID 7 40] done\r\n+ go\r\n").octets("two\r\n").reply("$ OK [APPENDUID 7 41] done\r\n");
  log_in();
  const auto reports = append({"one", "two"});
  EXPECT_EQ(fates(reports), (std::vector<Fate>{Fate::stored, Fate::stored}));
  EXPECT_TRUE(server.played());
}

TEST_F(AppendEachTest, ARefusalInTheMiddleHarmsOnlyItsMessage) {
  server.login("LITERAL+").expect("APPEND *").octets("one\r\n").expect("APPEND *").octets("two\r\n");
  server.expect("APPEND *").octets("three\r\n");
  server.reply("$ OK [APPENDUID 7 40] done\r\n$ NO [CANNOT] illegal\r\n$ OK [APPENDUID 7 41] done\r\n");
  server.expect("NOOP").reply("$ OK\r\n");
  log_in();
  const auto reports = append({"one", "two", "three"});
  EXPECT_EQ(fates(reports), (std::vector<Fate>{Fate::stored, Fate::refused, Fate::stored}));
  EXPECT_TRUE(execute(imap::Noop{}).has_value());
}

TEST_F(AppendEachTest, ARefusalAtThePlusStageLetsTheNextOneGo) {
  server.login().expect("APPEND *").reply("+ go\r\n").octets("one\r\n").expect("APPEND *");
  server.reply("$ OK done\r\n$ NO [TOOBIG] no\r\n").expect("APPEND *").reply("+ go\r\n").octets("three\r\n");
  server.reply("$ OK done\r\n");
  log_in();
  EXPECT_EQ(fates(append({"one", "two", "three"})), (std::vector<Fate>{Fate::stored, Fate::refused, Fate::stored}));
}

TEST_F(AppendEachTest, ACutLeavesExactlyTheUnansweredOnesUnknown) {
  server.login("LITERAL+").expect("APPEND *").octets("one\r\n").expect("APPEND *").octets("two\r\n");
  server.expect("APPEND *").octets("three\r\n").reply("$ OK [APPENDUID 7 40] done\r\n").cut();
  log_in();
  const auto reports = append({"one", "two", "three"});
  EXPECT_EQ(fates(reports), (std::vector<Fate>{Fate::stored, Fate::unknown, Fate::unknown}));
  EXPECT_TRUE(reports[0].uids.has_value());
  EXPECT_EQ(reports[1].error->kind(), ErrorKind::transient);
}

TEST_F(AppendEachTest, ADamagedBodyIsNotSentAndNeitherIsWhatFollows) {
  server.login("LITERAL+").hang();
  log_in();
  const auto reports = append({"one", "two", "three"}, 1);
  EXPECT_NE(reports[0].fate, Fate::stored);
  EXPECT_EQ(reports[1].fate, Fate::not_sent);
  EXPECT_EQ(reports[2].fate, Fate::not_sent);
  EXPECT_FALSE(client->usable());
}

TEST_F(AppendEachTest, AtEveryCutNoFateIsWrong) {
  // Three commands go out in one write. Which of them arrived whole when it breaks is not for the writer to know: none
  // of these may be called "not sent".
  const std::vector<Bytes> messages{Bytes(40, 'a'), Bytes(50, 'b'), Bytes(60, 'c')};
  for (std::size_t cut = 1; cut <= 240; ++cut) {
    testing::ImapScript script(loop);
    script.login("LITERAL+").swallow(cut).cut();
    testing::MemoryDialer cutting(loop);
    cutting.shape({.capacity = 16}, {});
    cutting.serve("imap.test", 993, [&script](std::unique_ptr<Stream> s) { return script.serve(std::move(s)); });
    auto connected = loop.run(ImapClient::connect(cutting, loop, settings, Wait{}));
    ASSERT_TRUE(connected.has_value());
    client = std::move(*connected);
    const auto reports = append(messages);
    std::size_t end = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      end += std::string_view("AAAAAAA2 APPEND Work {40+}\r\n").size() + messages[i].size() + 2;
      if (cut >= end) EXPECT_EQ(reports[i].fate, Fate::unknown) << cut << ' ' << i;
      if (cut < end) EXPECT_NE(reports[i].fate, Fate::stored) << cut << ' ' << i;
    }
    client.reset();
    loop.run_ready();
  }
}

TEST_F(AppendEachTest, EachAnswerGetsTimeForWhatIsStillOpen) {
  const Bytes large(512 * 1024, 'x');
  server.login("LITERAL+").expect("APPEND *").octets("one\r\n").expect("APPEND *").swallow(large.size() + 2);
  server.pause(seconds(50)).reply("$ OK done\r\n").pause(seconds(61)).reply("$ OK done\r\n");
  log_in();
  EXPECT_EQ(fates(append({"one", large})), (std::vector<Fate>{Fate::stored, Fate::stored}));
}

TEST_F(AppendEachTest, MoreThanFitInThePipelineAreAllSent) {
  server.login("LITERAL+");
  for (int i = 0; i < 100; ++i) {
    server.expect("APPEND *").octets("x\r\n");
    if (i % 32 == 31 || i == 99) {
      for (int answered = i / 32 * 32; answered <= i; ++answered) server.reply("$ OK done\r\n");
    }
  }
  log_in();
  for (const AppendReport& report : append(std::vector<Bytes>(100, "x"))) EXPECT_EQ(report.fate, Fate::stored);
  EXPECT_TRUE(server.played());
}

}  // namespace
}  // namespace postern::client
