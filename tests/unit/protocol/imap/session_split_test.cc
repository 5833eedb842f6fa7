// What a session tells does not depend on how the network cuts the octets: every transcript is played whole, one octet
// at a time, and cut at every single place; a transcript that is cut off never invents anything.

#include <gtest/gtest.h>

#include "tests/unit/protocol/imap/script.h"
#include "tests/unit/protocol/imap/transcripts.h"

namespace postern::imap {
namespace {

using testing::box;
using testing::Script;
using testing::Transcript;

void ask(Script& script, std::string_view what) {
  if (what == "login") script.send(Login{"u", Secret("p")});
  if (what == "enable") script.send(Enable{{"CONDSTORE", "QRESYNC"}});
  if (what == "list") {
    List list;
    list.status.emplace().highestmodseq = true;
    script.send(list);
  }
  if (what == "examine") script.send(Select{box("INBOX"), true, false, Select::Qresync{UidValidity(1), ModSeq(1), {}}});
  if (what == "fetch") {
    UidFetch fetch = testing::fetch_bodies(UidSet::range(1, 9));
    fetch.items.header = true;
    script.send(fetch);
  }
  if (what == "search") script.send(UidSearch{});
  if (what == "uidonly") script.send(Enable{{"QRESYNC", "UIDONLY"}});
  if (what == "page") {
    UidSearch search;
    search.uids = UidSet::range(1, 99);
    search.page = PartialRange{1, 4, false};
    script.send(search);
  }
  if (what == "idle") script.send(Idle{});
  if (what == "done") {
    EXPECT_TRUE(script.session.done());
  }
  if (what == "append") script.send(Append{box("INBOX"), {{3, {}, std::nullopt}}});
  if (what == "body") {
    EXPECT_TRUE(script.session.supply("abc"));
    EXPECT_TRUE(script.session.end_body());
  }
  if (what == "logout") script.send(Logout{});
  script.drain();
}

/// Plays the transcript; the server's octets are given in runs between our commands.
std::string play(const Transcript& transcript, Script& script) {
  std::string octets;
  std::string_view rest = transcript.script;
  while (!rest.empty()) {
    const auto end = rest.find('\n', rest.starts_with("B:x\r\n") ? 5 : 0);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (line.starts_with("C:")) {
      script.server(std::exchange(octets, ""));
      ask(script, line.substr(2));
      continue;
    }
    octets += line.substr(2);
    // "B:" is a literal's octets: the line end is not ours to add.
    if (line.starts_with("S:")) octets += "\r\n";
  }
  script.server(octets);
  return script.told();
}

class EveryServer : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Transcript& transcript() const { return testing::transcripts()[GetParam()]; }
};

TEST_P(EveryServer, IsUnderstood) {
  Script script(testing::plain_options());
  const std::string told = play(transcript(), script);
  EXPECT_EQ(told.find("fatal"), std::string::npos) << told;
  EXPECT_NE(told.find("done #4 OK"), std::string::npos) << told;
}

TEST_P(EveryServer, EverySegmentationTellsTheSame) {
  Script whole(testing::plain_options());
  const std::string told = play(transcript(), whole);
  for (const std::size_t segment : {1u, 2u, 3u, 7u, 64u}) {
    Script script(testing::plain_options());
    script.segments(segment);
    ASSERT_EQ(play(transcript(), script), told) << segment;
  }
  for (std::size_t cut = 1; cut < whole.server_octets(); ++cut) {
    Script script(testing::plain_options());
    script.cut_at(cut);
    ASSERT_EQ(play(transcript(), script), told) << cut;
  }
}

TEST_P(EveryServer, QuirksAreTheSameForEverySegmentation) {
  Script whole(testing::plain_options());
  play(transcript(), whole);
  Script octets(testing::plain_options());
  octets.segments(1);
  play(transcript(), octets);
  for (std::size_t i = 0; i < static_cast<std::size_t>(Quirk::count_); ++i) {
    const auto quirk = static_cast<Quirk>(i);
    EXPECT_EQ(whole.session.quirks()[quirk], octets.session.quirks()[quirk]) << to_string(quirk);
  }
}

INSTANTIATE_TEST_SUITE_P(Transcripts, EveryServer, ::testing::Range<std::size_t>(0, testing::transcripts().size()),
                         [](const auto& info) { return std::string(testing::transcripts()[info.param].name); });

TEST(SessionSplitTest, DovecotTellsThis) {
  Script script(testing::plain_options());
  const std::string told = play(testing::transcripts()[0], script);
  EXPECT_NE(told.find("#5 body [] Subject: one\r\n\r\n)\r\nX5 OK no\r\n"), std::string::npos) << told;
  EXPECT_NE(told.find("#5 1 FETCH uid=1 flags=(\\Seen) date=2021-07-17T02:44:25+02:00 size=29 modseq=12 []=29"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find("#5 3 FETCH uid=3 flags=(\\Deleted) []=13"), std::string::npos) << told;
  EXPECT_NE(told.find("[]=NIL"), std::string::npos) << told;
}

}  // namespace
}  // namespace postern::imap
