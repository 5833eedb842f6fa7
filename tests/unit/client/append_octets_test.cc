// What an APPEND announces is what it writes, octet by octet: random messages against a server that counts.

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "core/client/append.h"
#include "core/crypto/sha256.h"
#include "tests/support/mail/random.h"
#include "tests/unit/client/fixture.h"

namespace postern::client {
namespace {

using testing::Random;

/// Takes APPENDs by what they announce alone and answers each with OK. A line that is no command where one has to come
/// means that more or less was written than announced.
class CountingServer {
 public:
  struct Message {
    std::uint64_t announced = 0;
    crypto::Sha256Octets hash{};
  };

  explicit CountingServer(std::string capabilities) : capabilities_(std::move(capabilities)) {}

  Task<void> serve(std::unique_ptr<Stream> stream) {
    stream_ = stream.get();
    co_await say("* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\r\n");
    const auto login = co_await line();
    co_await say(tag_of(login) + " OK [CAPABILITY IMAP4rev1 " + capabilities_ + "] in\r\n");
    while (in_step && !ended_) {
      const auto command = co_await line();
      if (ended_) break;
      co_await take(command);
    }
    stream->close();
  }

  std::vector<Message> messages;
  bool in_step = true;
  std::uint64_t non_synchronising = 0;
  std::uint64_t longest_minus = 0;

 private:
  static std::string tag_of(const std::string& command) { return command.substr(0, command.find(' ')); }

  Task<void> take(std::string command) {
    const std::string tag = tag_of(command);
    in_step = command.starts_with(tag + " APPEND Work {");
    while (in_step && command.ends_with('}')) {
      const std::size_t open = command.rfind('{');
      const bool waits = command[command.size() - 2] != '+';
      Message message;
      message.announced = std::stoull(command.substr(open + 1));
      if (waits) co_await say("+ go\r\n");
      if (!waits) longest_minus = std::max(longest_minus, message.announced);
      non_synchronising += waits ? 0 : 1;
      co_await body(message);
      messages.push_back(message);
      command = co_await line();  // empty, or the next message of a MULTIAPPEND
      if (!command.empty() && !command.starts_with(" {")) in_step = false;
    }
    if (in_step && !ended_) co_await say(tag + " OK done\r\n");
  }

  Task<void> body(Message& message) {
    crypto::Sha256 hash;
    std::uint64_t left = message.announced;
    while (left != 0 && !ended_) {
      if (input_.empty()) co_await receive();
      const std::size_t take = std::min<std::uint64_t>(left, input_.size());
      hash.update(ByteView(input_).substr(0, take));
      input_.erase(0, take);
      left -= take;
    }
    message.hash = hash.finish();
  }

  Task<std::string> line() {
    std::size_t end = std::string::npos;
    while ((end = input_.find("\r\n")) == std::string::npos && !ended_) co_await receive();
    if (ended_) co_return std::string();
    std::string line = input_.substr(0, end);
    input_.erase(0, end + 2);
    co_return line;
  }
  Task<void> receive() {
    std::array<char, 16 * 1024> buffer{};
    auto got = co_await stream_->read_some(buffer, Wait{});
    if (!got || *got == 0) {
      ended_ = true;
    } else {
      input_.append(buffer.data(), *got);
    }
  }
  Task<void> say(std::string text) {
    auto written = co_await stream_->write_all(text, Wait{});
    if (!written) ended_ = true;
  }

  std::string capabilities_;
  Stream* stream_ = nullptr;
  std::string input_;
  bool ended_ = false;
};

/// Sizes around what is a border somewhere: nothing, LITERAL-'s 4,096, slices of 64 KiB, pieces of 1 MiB.
std::size_t random_size(Random& random) {
  static constexpr std::int64_t kBorders[] = {0, 1, 2, 4'096, 8'192, 16'384, 65'536};
  if (random.one_in(4)) return random.below(300);
  if (random.one_in(400)) return (1u << 20) + random.below(3);
  if (random.one_in(20)) return random.below(200'000);
  return static_cast<std::size_t>(std::max<std::int64_t>(0, random.pick(kBorders) + random.between(-2, 2)));
}

/// Lone CR and LF, NUL, 8-bit octets, what looks like the end of a command or like another literal.
Bytes random_message(Random& random) {
  static constexpr std::string_view kPieces[] = {"\r",        "\n",      "\r\n",     "\n\r", "\0x",
                                                 "\xff\xfe",  "{5}\r\n", "{7+}\r\n", ")",    "A1 LOGOUT\r\n",
                                                 "\r\n.\r\n", "text ",   "\xc3\xa4"};
  const std::size_t size = random_size(random);
  Bytes message;
  while (message.size() < size) {
    if (random.one_in(40)) {
      message.append(std::min<std::size_t>(size, 1'000), static_cast<char>(random.below(256)));
    } else if (random.one_in(10)) {
      message.push_back('\0');
    } else {
      message.append(random.pick(kPieces));
    }
  }
  message.resize(size);
  return message;
}

/// Hands a message out in pieces of any size.
class RandomPieces final : public BodySource {
 public:
  RandomPieces(Bytes octets, std::uint64_t seed) : octets_(std::move(octets)), random_(seed) {}
  Task<Result<Bytes>> next(Wait) override {
    const std::size_t most = random_.one_in(3) ? 100'000 : 5'000;
    const std::size_t take = std::min<std::size_t>(octets_.size() - given_, 1 + random_.below(most));
    Bytes piece = octets_.substr(given_, take);
    given_ += take;
    co_return piece;
  }

 private:
  Bytes octets_;
  std::size_t given_ = 0;
  Random random_;
};

struct Way {
  const char* capabilities;
  bool multi;
};

class AppendOctetsTest : public ClientTest {
 protected:
  /// Sends `count` messages in runs of up to eight and compares what the server counted and hashed.
  void send(const Way& way, std::uint64_t seed, std::size_t count) {
    CountingServer counting(way.capabilities);
    dialer.serve("imap.test", 993, [&](std::unique_ptr<Stream> stream) { return counting.serve(std::move(stream)); });
    log_in();
    Random random(seed);
    std::vector<CountingServer::Message> sent;
    while (sent.size() < count) {
      const std::size_t run = std::min<std::size_t>(count - sent.size(), 1 + random.below(8));
      ASSERT_NO_FATAL_FAILURE(send_run(way, random, run, sent));
    }
    ASSERT_TRUE(counting.in_step);
    ASSERT_EQ(counting.messages.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ASSERT_EQ(counting.messages[i].announced, sent[i].announced) << i;
      ASSERT_EQ(counting.messages[i].hash, sent[i].hash) << i;
    }
    if (std::string_view(way.capabilities).find("LITERAL") == std::string_view::npos) {
      EXPECT_EQ(counting.non_synchronising, 0u);
    } else {
      EXPECT_GT(counting.non_synchronising, 0u);
    }
    if (std::string_view(way.capabilities).find("LITERAL-") != std::string_view::npos) {
      EXPECT_LE(counting.longest_minus, 4'096u);
    }
    hang_up();
  }

 private:
  void send_run(const Way& way, Random& random, std::size_t run, std::vector<CountingServer::Message>& sent) {
    std::vector<imap::Append> commands;
    std::deque<RandomPieces> bodies;
    std::vector<BodySource*> sources;
    for (std::size_t i = 0; i < run; ++i) {
      Bytes message = random_message(random);
      crypto::Sha256 hash;
      hash.update(message);
      sent.push_back({message.size(), hash.finish()});
      if (!way.multi || i == 0) commands.push_back({MailboxName::from_wire("Work", '/'), {}});
      commands.back().messages.push_back({message.size(), {}, std::nullopt});
      sources.push_back(&bodies.emplace_back(std::move(message), random.next()));
    }
    const auto reports = loop.run(append_each(*client, std::move(commands), std::move(sources), Wait{}));
    for (const AppendReport& report : reports) ASSERT_EQ(report.fate, AppendReport::Fate::stored);
  }
};

/// 2,000 messages; with POSTERN_LONG_TESTS 100,000.
TEST_F(AppendOctetsTest, AnnouncedIsWritten) {
  static constexpr Way kWays[] = {{"NOTHING", false},
                                  {"LITERAL+", false},
                                  {"LITERAL-", false},
                                  {"MULTIAPPEND", true},
                                  {"LITERAL+ MULTIAPPEND", true}};
  const std::size_t each = (std::getenv("POSTERN_LONG_TESTS") != nullptr ? 100'000 : 2'000) / std::size(kWays);
  for (const Way& way : kWays) {
    SCOPED_TRACE(way.capabilities);
    ASSERT_NO_FATAL_FAILURE(send(way, 20'251'122 + std::string_view(way.capabilities).size(), each));
  }
}

}  // namespace
}  // namespace postern::client
