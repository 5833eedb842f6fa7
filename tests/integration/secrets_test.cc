// A password is looked for everywhere it must not be.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/postern/http_get.h"
#include "tests/support/postern/postern_program.h"
#include "tests/support/process/ports.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kCanary = "kingfisher-7fQz-canary";

std::string base64(const std::string& octets) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < octets.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8) | (i + k < octets.size() ? static_cast<unsigned char>(octets[i + k]) : 0U);
    }
    for (int shift = 18; shift >= 0; shift -= 6) text += kDigits[(bits >> shift) & 63];
  }
  return text;
}

/// The password, and its base64 in each of the three alignments, without the digits that its neighbours would change.
std::vector<std::string> shapes_of(const std::string& secret) {
  std::vector<std::string> shapes{secret};
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string text = base64(std::string(shift, '\0') + secret);
    const std::size_t from = shift == 0 ? 0 : 4, sure = (shift + secret.size()) / 3 * 4;
    shapes.push_back(text.substr(from, sure - from));
  }
  return shapes;
}

class SecretsTest : public ::testing::Test {
 protected:
  void expect_nowhere(const std::string& where, const std::string& text) const {
    for (const std::string& shape : shapes_of(kCanary)) {
      EXPECT_EQ(text.find(shape), std::string::npos) << where << " holds the password as " << shape;
    }
  }
  std::size_t search_vault() const {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(postern.vault())) {
      if (!file.is_regular_file()) continue;
      expect_nowhere(file.path(), read_file(file.path()));
      ++files;
    }
    return files;
  }

  ThreadedFakeImap source{FakeImapOptions{.user = "alice", .password = kCanary}};
  ThreadedFakeImap target{FakeImapOptions{.user = "alice", .password = kCanary}};
  PosternProgram postern{{.port = source.imap_port(), .password = kCanary},
                         {{.port = target.imap_port(), .password = kCanary}}};
};

TEST(SecretsSearchTest, FindsEveryShape) {
  for (const char* before : {"", "a", "ab", "abc", "user@example\0"}) {
    const std::string encoded = base64(before + std::string(kCanary) + "xyz");
    bool found = false;
    for (const std::string& shape : shapes_of(kCanary)) found = found || encoded.find(shape) != std::string::npos;
    EXPECT_TRUE(found) << before;
  }
}

TEST_F(SecretsTest, APassAtLogLevelDebugKeepsItToItself) {
  for (const char* methods : {"", "AUTH=PLAIN", "AUTH=LOGIN"}) {
    for (ThreadedFakeImap* server : {&source, &target}) {
      server->server().append("INBOX", std::string("Subject: hello\r\n\r\n") + methods + "\r\n");
      if (*methods != '\0') {
        server->server().withdraw({"AUTH=PLAIN", "AUTH=LOGIN", "AUTH=SCRAM-SHA-256", "AUTH=SCRAM-SHA-1", "SASL-IR"});
        server->server().offer({methods});
      }
    }
    const Finished done = postern.run({"sync"});
    EXPECT_EQ(done.status, ExitStatus{}) << done.err;
    expect_nowhere("stdout", done.out);
    expect_nowhere("stderr", done.err);
  }
  EXPECT_GE(search_vault(), 4u);
}

TEST_F(SecretsTest, ARefusedLoginKeepsItToItself) {
  postern.source.user = "bob";
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"sync", "--json"}, {"status"}}) {
    const Finished done = postern.run(words);
    expect_nowhere("stdout", done.out);
    expect_nowhere("stderr", done.err);
  }
  EXPECT_GE(search_vault(), 4u);
}

TEST_F(SecretsTest, TheDaemonAndItsPagesKeepItToThemselves) {
  const std::uint16_t port = free_port();
  postern.settings = "listen: 127.0.0.1:" + std::to_string(port) + "\ndefaults:\n  schedule: {every: 1s}\n";
  source->append("INBOX", "Subject: hello\r\n\r\nHello.\r\n");
  const auto daemon = postern.start({"run"});
  ASSERT_TRUE(daemon->wait_for_errors("alice: pass ok", 30s)) << daemon->errors();
  const HttpAnswer metrics = http_get(port, "/metrics");
  EXPECT_EQ(metrics.status, 200);
  expect_nowhere("/metrics", metrics.body);
  expect_nowhere("/readyz", http_get(port, "/readyz").body);
  daemon->send_signal(SIGTERM);
  EXPECT_EQ(daemon->wait(20s), ExitStatus{});
  expect_nowhere("stdout", daemon->output());
  EXPECT_THAT(daemon->errors(), ::testing::HasSubstr("alice: pass begins")) << "the log speaks at level debug";
  expect_nowhere("stderr", daemon->errors());
  EXPECT_GE(search_vault(), 4u);
}

}  // namespace
}  // namespace postern::testing
