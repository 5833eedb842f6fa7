#include "daemon/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
T parsed(const std::vector<std::string>& words) {
  const CommandLine line = parse_command_line(words);
  EXPECT_EQ(line.err, "");
  if (!line.command || !std::holds_alternative<T>(*line.command)) {
    ADD_FAILURE() << "not the command that was asked for";
    return {};
  }
  return std::get<T>(*line.command);
}

TEST(CommandLineTest, SyncTakesAccountsAndHalves) {
  EXPECT_THAT(parsed<SyncCommand>({"sync"}).accounts, IsEmpty());
  const auto sync = parsed<SyncCommand>({"sync", "alice", "bob", "--pull-only", "--json"});
  EXPECT_THAT(sync.accounts, ElementsAre("alice", "bob"));
  EXPECT_TRUE(sync.pull_only);
  EXPECT_FALSE(sync.replay_only);
  EXPECT_TRUE(sync.json);
}

TEST(CommandLineTest, TheConfigurationIsNamedBeforeOrAfterTheCommand) {
  EXPECT_EQ(parse_command_line({"-c", "a.yaml", "run"}).config_file, "a.yaml");
  EXPECT_EQ(parse_command_line({"run", "-c", "a.yaml"}).config_file, "a.yaml");
  EXPECT_EQ(parse_command_line({"config", "check", "--config=a.yaml"}).config_file, "a.yaml");
  EXPECT_EQ(parse_command_line({"run"}).config_file, "");
}

TEST(CommandLineTest, ReadsTheWordsOfEachCommand) {
  const auto ls = parsed<LsCommand>({"ls", "alice", "INBOX/Work", "--at", "yesterday 18:00", "--json"});
  EXPECT_EQ(ls.account, "alice");
  EXPECT_EQ(ls.mailbox, "INBOX/Work");
  EXPECT_EQ(ls.at, "yesterday 18:00");
  EXPECT_TRUE(ls.json);
  const auto cat = parsed<CatCommand>({"cat", "alice", "00ff"});
  EXPECT_EQ(cat.digest, "00ff");
  const auto exported =
      parsed<ExportCommand>({"export", "alice", "--format", "eml", "--to", "/tmp/x", "--at", "today"});
  EXPECT_EQ(exported.format, ExportCommand::Format::eml);
  EXPECT_EQ(exported.to, "/tmp/x");
  EXPECT_TRUE(parsed<CheckCommand>({"check", "--read-data"}).read_data);
  const auto dump = parsed<DumpCommand>({"dump", "entry", "--key", "00000001", "--limit", "5", "--octets"});
  EXPECT_EQ(dump.family, "entry");
  EXPECT_EQ(dump.key, "00000001");
  EXPECT_EQ(dump.limit, 5u);
  EXPECT_TRUE(dump.octets);
  EXPECT_EQ(parsed<SnapshotsCommand>({"snapshots", "alice"}).account, "alice");
  EXPECT_FALSE(parsed<QuarantineCommand>({"quarantine"}).retry);
  EXPECT_TRUE(parsed<QuarantineCommand>({"quarantine", "alice", "--retry"}).retry);
  EXPECT_TRUE(parsed<GuardCommand>({"guard", "alice", "--audit"}).audit);
  EXPECT_FALSE(parsed<GuardCommand>({"guard", "alice"}).ack);
  const auto ack = parsed<GuardCommand>({"guard", "ack", "alice", "INBOX", "--json"});
  EXPECT_TRUE(ack.ack);
  EXPECT_TRUE(ack.json);
  EXPECT_EQ(ack.account, "alice");
  EXPECT_EQ(ack.mailbox, "INBOX");
  EXPECT_TRUE(parsed<ConfigCheckCommand>({"config", "check", "--json"}).json);
  EXPECT_THAT(parsed<StatusCommand>({"status", "alice"}).accounts, ElementsAre("alice"));
}

TEST(CommandLineTest, BadUsageSaysWhatIsWrongAndEndsWithTwo) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"synk"},
           {"sync", "--pull-only", "--replay-only"},
           {"sync", "--no-such-option"},
           {"ls"},
           {"cat", "alice"},
           {"guard", "ack"},
           {"guard", "--audit", "ack", "alice"},
           {"export", "alice", "--to", "/tmp/x"},
           {"export", "alice", "--format", "pst", "--to", "/tmp/x"},
           {"config"},
           {"run", "surplus"},
           {"plan"},
           {"restore", "alice", "--to", "bob"},
       }) {
    const CommandLine line = parse_command_line(words);
    EXPECT_FALSE(line.command.has_value());
    EXPECT_EQ(line.status, ExitStatus::usage);
    EXPECT_EQ(line.out, "");
    EXPECT_THAT(line.err, ::testing::StartsWith("postern: "));
  }
  EXPECT_EQ(parse_command_line({"export", "alice", "--format", "zip", "--to", "x"}).err,
            "postern: --format: 'zip' is no format, take maildir or eml; see 'postern export --help'\n");
  EXPECT_EQ(parse_command_line({"ls"}).err, "postern: ACCOUNT is required; see 'postern ls --help'\n");
  EXPECT_EQ(parse_command_line({"config"}).err,
            "postern: a command is missing, one of check; see 'postern config --help'\n");
  EXPECT_THAT(parse_command_line({}).err, HasSubstr("a command is missing, one of run sync"));
  EXPECT_THAT(parse_command_line({"synk"}).err, HasSubstr("did you mean 'sync'?"));
  EXPECT_THAT(parse_command_line({"plan"}).err, HasSubstr("'plan' is not part of this version"));
  EXPECT_THAT(parse_command_line({"-c", "x.yaml", "plan"}).err, HasSubstr("'plan' is not part of this version"));
}

TEST(CommandLineTest, HelpTeaches) {
  const CommandLine help = parse_command_line({"--help"});
  EXPECT_EQ(help.status, ExitStatus::done);
  EXPECT_FALSE(help.command.has_value());
  for (const char* text : {"First steps", "postern config check", "Exit status", "sync", "export", "snapshots"}) {
    EXPECT_THAT(help.out, HasSubstr(text));
  }
  for (const char* command :
       {"run", "sync", "status", "ls", "cat", "snapshots", "export", "check", "quarantine", "guard"}) {
    EXPECT_THAT(parse_command_line({command, "--help"}).out, HasSubstr("Example")) << command;
  }
  EXPECT_THAT(parse_command_line({"--version"}).out, HasSubstr("postern " POSTERN_VERSION));
}

}  // namespace
}  // namespace postern::daemon
