#include "core/io/net_dialer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "core/io/task_group.h"

namespace postern {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ListResolver final : public Resolver {
 public:
  std::vector<std::string> addresses;
  Task<Result<std::vector<std::string>>> resolve(std::string host, Wait) override {
    if (addresses.empty()) co_return fail(ErrorKind::transient, "there is no host named \"" + host + "\"");
    co_return addresses;
  }
};

struct NetDialerTest : ::testing::Test {
  Loop loop;
  ListResolver resolver;
  TlsSessionCache sessions;
  NetDialer dialer{loop, resolver, sessions};
  std::unique_ptr<TcpListener> listener = *TcpListener::listen(loop, {"127.0.0.1", 0});

  Endpoint clear() const {
    return {.host = "imap.test", .port = listener->port(), .tls = TlsMode::none, .ca_file = {}};
  }
  Result<std::unique_ptr<Stream>> dial(Wait wait = {}) { return loop.run(dialer.dial(clear(), wait)); }
};

TEST_F(NetDialerTest, TheFirstAddressThatAnswersWins) {
  resolver.addresses = {"127.0.0.2", "::1", "127.0.0.1", "127.0.0.3"};  // nobody listens on the others
  const auto line = dial();
  ASSERT_TRUE(line) << line.error().to_string();
  EXPECT_EQ(dynamic_cast<TcpStream&>(**line).peer().ip, "127.0.0.1");
}

TEST_F(NetDialerTest, WhenAllFailEachIsNamed) {
  resolver.addresses = {"127.0.0.2", "127.0.0.3"};
  const auto line = dial();
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind(), ErrorKind::transient);
  EXPECT_EQ(line.error().where(), "imap.test:" + std::to_string(listener->port()));
  EXPECT_THAT(line.error().what(), AllOf(HasSubstr("127.0.0.2: cannot connect: Connection refused"),
                                         HasSubstr("127.0.0.3: cannot connect: Connection refused")));
}

TEST_F(NetDialerTest, AtMostFourAddressesAreTried) {
  resolver.addresses = {"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.1"};
  const auto line = dial();
  ASSERT_FALSE(line);
  EXPECT_THAT(line.error().what(), HasSubstr("127.0.0.5"));
}

/// A listener that is full: connections to it hang, as with a firewall that drops everything.
struct BlackHole {
  explicit BlackHole(Loop& loop, std::uint16_t port) : listener(*TcpListener::listen(loop, {"127.0.0.9", port})) {}
  /// Connects until nothing gets through any more; a slow machine is told from a full queue by trying again.
  Task<void> fill(Loop& loop) {
    constexpr int kSure = 4;
    for (int refused = 0; refused < kSure;) {
      const Wait soon{.deadline = loop.now() + milliseconds(25)};
      auto line = co_await TcpStream::connect(loop, {"127.0.0.9", listener->port()}, soon);
      if (line) held.push_back(std::move(*line));
      refused = line ? 0 : refused + 1;
    }
  }
  std::unique_ptr<TcpListener> listener;
  std::vector<std::unique_ptr<TcpStream>> held;
};

TEST_F(NetDialerTest, AnAddressThatDoesNotAnswerCostsAStagger) {
  BlackHole hole(loop, listener->port());
  loop.run(hole.fill(loop));
  resolver.addresses = {"127.0.0.9", "127.0.0.1"};
  const auto start = loop.now();
  const auto line = dial();
  ASSERT_TRUE(line) << line.error().to_string();
  EXPECT_EQ(dynamic_cast<TcpStream&>(**line).peer().ip, "127.0.0.1");
  EXPECT_GE(loop.now() - start, milliseconds(249));
}

TEST_F(NetDialerTest, TheWaitEndsTheWholeAttempt) {
  BlackHole hole(loop, listener->port());
  loop.run(hole.fill(loop));
  resolver.addresses = {"127.0.0.9"};
  const auto late = dial({.deadline = loop.now() + milliseconds(30)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind(), ErrorKind::transient);
  StopSource stop;
  loop.call_at(loop.now() + milliseconds(10), [&] { stop.request_stop(); });
  const auto stopped = dial({.stop = stop.token()});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind(), ErrorKind::cancelled);
}

TEST_F(NetDialerTest, ANameThatIsUnknownIsNamedWithThePort) {
  const auto line = dial();
  ASSERT_FALSE(line);
  EXPECT_THAT(line.error().to_string(),
              AllOf(HasSubstr("imap.test:"), HasSubstr("there is no host named \"imap.test\"")));
}

}  // namespace
}  // namespace postern
