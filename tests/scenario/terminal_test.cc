// Bars are for a terminal alone; stdout is for what was asked.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Runs a program with its stderr on a terminal of its own, which is what comes back; its stdout goes to the file.
constexpr const char* kOnATerminal = R"(
import os, pty, sys
words = ["sh", "-c", 'out=$1; shift; exec "$@" > "$out"', "sh"] + sys.argv[1:]
sys.exit(os.waitstatus_to_exitcode(pty.spawn(words))))";

class TerminalTest : public ::testing::Test {
 protected:
  TerminalTest() {
    fill(s.source.user(), varied_account(91, 30));
    s.postern.write_config();
  }
  Finished sync_on_a_terminal(const std::string& option) {
    const std::string stdout_file = folder / "stdout";
    Finished done = run_process({.argv = {"python3", "-c", kOnATerminal, stdout_file, POSTERN_BINARY, "sync", "-c",
                                          s.postern.config_file(), option}});
    EXPECT_EQ(done.status, ExitStatus{}) << done.out << done.err;
    return {done.status, read_file(stdout_file), done.out};
  }
  static auto one_document() {
    return AllOf(StartsWith("{\"accounts\":["), EndsWith("}\n"), Not(HasSubstr("\x1b")), Not(HasSubstr("}\n{")));
  }

  TempDir folder;
  Scenario s{ServerKind::fake};
};

TEST_F(TerminalTest, BarsAreDrawnOnATerminalAndTakenAwayAgain) {
  // Longer than the time between two frames.
  s.source.user().append("INBOX", mail("big") + std::string(400'000, 'x'));
  s.source.fake()->next_connection({.drip_octets = 2'000, .drip_every = std::chrono::milliseconds(5)});
  const Finished done = sync_on_a_terminal("--pull-only");
  EXPECT_THAT(done.err, HasSubstr("\x1b[J"));
  EXPECT_THAT(done.err, HasSubstr("alice ["));
  EXPECT_THAT(done.err, EndsWith("\r\x1b[J")) << "nothing is left behind";
  EXPECT_THAT(done.out, AllOf(HasSubstr("account"), HasSubstr("alice"), Not(HasSubstr("\x1b"))));
}

TEST_F(TerminalTest, WithJsonThereIsNothingElseOnStdout) {
  EXPECT_THAT(sync_on_a_terminal("--json").out, one_document());
  EXPECT_EQ(s.differences(), "");
}

TEST_F(TerminalTest, NoBarsAndNoEscapesElsewhere) {
  const Finished table = s.postern.run({"sync"});
  EXPECT_THAT(table.out + table.err, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("[#")), HasSubstr("alice")));
  EXPECT_THAT(s.postern.run({"sync", "--json"}).out, one_document());
}

TEST_F(TerminalTest, AnEmptyAnswerIsSaidInWordsAndInJsonIsEmpty) {
  EXPECT_CLEAN(s.sync());
  EXPECT_EQ(s.postern.run({"quarantine"}).out, "nothing is held back\n");
  EXPECT_EQ(s.postern.run({"quarantine", "--json"}).out, "");
}

}  // namespace
}  // namespace postern::testing
