#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/mail/generator.h"
#include "tests/support/postern/mail_server.h"
#include "tests/support/postern/postern_program.h"

namespace postern::testing {

/// A source, a target and a Postern between them.
class Scenario {
 public:
  explicit Scenario(ServerKind kind) : Scenario(kind, kind) {}
  Scenario(ServerKind from, ServerKind to)
      : source(from), target(to), postern(SideConfig::of(source), SideConfig::of(target)) {}

  MailServer source, target;
  PosternProgram postern;

  /// A pass; what fakes were asked in it is counted by source_commands() and target_commands().
  SyncReport sync(std::vector<std::string> options = {}) {
    if (source.fake() != nullptr) source_mark_ = source.fake()->mark();
    if (target.fake() != nullptr) target_mark_ = target.fake()->mark();
    return postern.sync(std::move(options));
  }
  /// How many commands of the last pass began with `prefix`; 0 with a Dovecot, which does not count.
  std::size_t source_commands(std::string_view prefix) { return commands(source, source_mark_, prefix); }
  std::size_t target_commands(std::string_view prefix) { return commands(target, target_mark_, prefix); }
  /// Commands of the last pass that change something at the target.
  std::size_t mutating_commands() {
    std::size_t count = 0;
    for (const char* verb : {"APPEND", "STORE", "UID STORE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE",
                             "COPY", "UID COPY", "MOVE", "UID MOVE", "EXPUNGE", "UID EXPUNGE"}) {
      count += target_commands(verb);
    }
    return count;
  }
  /// What tells source, vault and target apart; empty when they hold the same mail.
  std::string differences() {
    const AccountContent wanted = source.contents();
    std::string text;
    const std::string in_vault = difference(without_empty(wanted), contents(postern.ls()));
    if (!in_vault.empty()) text += "vault:\n" + in_vault;
    const std::string at_target = difference(wanted, target.contents());
    if (!at_target.empty()) text += "target:\n" + at_target;
    return text;
  }

 private:
  static std::size_t commands(MailServer& server, FakeImapServer::Mark mark, std::string_view prefix) {
    return server.fake() == nullptr ? 0 : server.fake()->commands_since(mark, prefix);
  }
  /// `postern ls` lists messages, so that an empty mailbox is not in it.
  static AccountContent without_empty(AccountContent content) {
    std::erase_if(content, [](const auto& mailbox) { return mailbox.second.empty(); });
    return content;
  }

  FakeImapServer::Mark source_mark_ = 0, target_mark_ = 0;
};

/// A story on both kinds of server: TEST_P(ScenarioTest, …).
class ScenarioTest : public ::testing::TestWithParam<ServerKind> {
 protected:
  void SetUp() override {
    if (!installed(GetParam())) GTEST_SKIP() << to_string(GetParam()) << " is not installed";
  }
};

inline std::string kind_name(const ::testing::TestParamInfo<ServerKind>& info) {
  return std::string(to_string(info.param));
}

inline Bytes mail(const std::string& subject, const std::string& message_id = {}) {
  return "From: a@example.org\r\nSubject: " + subject + "\r\n" +
         (message_id.empty() ? "" : "Message-ID: <" + message_id + ">\r\n") + "\r\nThis is " + subject + ".\r\n";
}

#define EXPECT_CLEAN(report)                 \
  do {                                       \
    const SyncReport& seen = report;         \
    EXPECT_EQ(seen.exit_code, 0) << seen;    \
    EXPECT_EQ(seen.state, "ok") << seen;     \
    EXPECT_EQ(seen.quarantined, 0u) << seen; \
  } while (false)

}  // namespace postern::testing
