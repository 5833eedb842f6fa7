// The change ladder, rung by rung on every server: after each change the vault is what the server is, by the rung that
// was to be used, and a further pass finds nothing to do.

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

enum class Way : std::uint8_t { qresync, condstore, uidnext, bare };

struct Row {
  ServerKind server;
  Way way;
};

std::vector<std::string> masked(Way way) {
  switch (way) {
    case Way::qresync:
      return {};
    case Way::condstore:
      return {"QRESYNC"};
    case Way::uidnext:
      return {"QRESYNC", "CONDSTORE"};
    case Way::bare:
      return {"QRESYNC", "CONDSTORE", "ESEARCH", "LIST-STATUS", "LIST-EXTENDED"};
  }
  return {};
}

const char* word(Way way) {
  switch (way) {
    case Way::qresync:
      return "qresync";
    case Way::condstore:
      return "condstore";
    case Way::uidnext:
      return "uidnext";
    case Way::bare:
      return "bare";
  }
  return "";
}

void PrintTo(const Row& row, std::ostream* out) { *out << to_string(row.server) << ", " << word(row.way); }

/// What an act did to one mailbox, as far as it decides on the rung.
enum class Change : std::uint8_t {
  arrival,
  flags,
  loss,
  mass_loss,  // so many at once that they are believed only when listings agree
};

class LadderTest : public ::testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    if (!installed(GetParam().server)) GTEST_SKIP() << to_string(GetParam().server) << " is not installed";
    server_ = std::make_unique<MailServer>(GetParam().server);
    postern_ = std::make_unique<PosternProgram>(SideConfig::of(*server_), std::nullopt);
    postern_->source.disable = masked(GetParam().way);
  }

  bool modseqs() const { return GetParam().way == Way::qresync || GetParam().way == Way::condstore; }
  std::string name(std::string_view path) const { return server_->name(path); }
  PlainImap user() const { return server_->user(); }

  void fill(const std::string& path, int messages) {
    PlainImap user = server_->user();
    if (path != "INBOX") user.create(name(path));
    for (int i = 0; i < messages; ++i) user.append(name(path), mail(path + " " + std::to_string(i)), {"\\Seen", "Old"});
  }

  /// The rung that tells of such a change.
  std::string rung(Change change) const {
    if (change == Change::mass_loss) return "enumerate";
    if (GetParam().way == Way::qresync) return "qresync";
    if (change == Change::loss) return "enumerate";
    return GetParam().way == Way::condstore ? "condstore" : "uidnext";
  }

  /// What the vault lacks of the server's mailboxes, or has otherwise; empty when they are the same, UID by UID.
  std::string differences() {
    const ServerState wanted = server_->state();
    ServerState held = postern_->ls();
    std::string text;
    for (const auto& [box, mailbox] : wanted) {
      const StoredMailbox& vault = held[box];
      if (!mailbox.messages.empty() && vault.uidvalidity != mailbox.uidvalidity) text += box + ": UIDVALIDITY\n";
      text += difference({{box, contents(mailbox)}}, {{box, contents(vault)}});
      const auto uids = [](const StoredMailbox& one) {
        std::vector<std::uint32_t> all;
        for (const StoredMessage& message : one.messages) all.push_back(message.uid);
        return all;
      };
      if (uids(mailbox) != uids(vault)) text += box + ": UIDs\n";
    }
    return text;
  }

  SyncReport sync() { return postern_->sync(); }

  /// Another pass asks what an unchanged account costs, and writes nothing.
  void expect_quiet() {
    const std::string before = postern_->snapshots();
    const SyncReport again = sync();
    EXPECT_CLEAN(again);
    EXPECT_EQ(again.source.at("unchanged"), again.source.at("mailboxes")) << again;
    // Login, ID, ENABLE where there is something to enable, LIST, LSUB without LIST-EXTENDED, LOGOUT; STATUS of each
    // mailbox where LIST cannot tell.
    const std::uint64_t statuses = GetParam().way == Way::bare ? again.source.at("mailboxes") : 0;
    EXPECT_LE(again.source.at("commands"), 6 + statuses) << again;
    EXPECT_EQ(postern_->snapshots(), before) << again;
  }

  /// A pass after one mailbox has changed in one way.
  SyncReport expect_learnt(Change change) {
    const SyncReport report = sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.rungs.at(rung(change)), 1u) << report;
    EXPECT_EQ(report.source.at("unchanged") + 1, report.source.at("mailboxes")) << report;
    EXPECT_EQ(differences(), "") << report;
    expect_quiet();
    return report;
  }

  std::unique_ptr<MailServer> server_;
  std::unique_ptr<PosternProgram> postern_;
};

TEST_P(LadderTest, MessagesComeAndGo) {
  fill("INBOX", 2);
  fill("Box", 8);
  const SyncReport first = sync();
  EXPECT_EQ(first.rungs.at("enumerate"), first.source.at("mailboxes")) << first;
  EXPECT_EQ(differences(), "") << first;
  expect_quiet();
  PlainImap user = server_->user();
  const std::string box = name("Box");

  {
    SCOPED_TRACE("new mail");
    user.append(box, mail("new 1"), {"\\Flagged"});
    user.append(box, mail("new 2"));
    EXPECT_EQ(expect_learnt(Change::arrival).source.at("messages_fetched"), 2u);
  }
  {
    SCOPED_TRACE("expunged");
    user.expunge(box, "2,4:5");
    EXPECT_EQ(expect_learnt(Change::loss).source.at("vanished"), 3u);
  }
  {
    SCOPED_TRACE("one expunged and one arrived: the count is the same");
    user.expunge(box, "3");
    user.append(box, mail("in its place"));
    const SyncReport report = expect_learnt(Change::loss);
    EXPECT_EQ(report.source.at("vanished"), 1u);
    EXPECT_EQ(report.source.at("messages_fetched"), 1u);
  }
  {
    SCOPED_TRACE("one that another client expunged before it was ever seen");
    user.append(box, mail("short-lived"));
    user.expunge(box, "12");
    EXPECT_EQ(expect_learnt(Change::loss).source.at("messages_fetched"), 0u);
  }
  {
    SCOPED_TRACE("the last message");
    user.expunge(box, "11");
    EXPECT_EQ(expect_learnt(Change::loss).source.at("vanished"), 1u);
  }
  {
    SCOPED_TRACE("emptied");
    user.expunge(box, "1:*");
    EXPECT_EQ(expect_learnt(Change::mass_loss).source.at("vanished"), 6u);
  }
  {
    SCOPED_TRACE("mail in the emptied mailbox");
    user.append(box, mail("again"));
    EXPECT_EQ(expect_learnt(Change::arrival).source.at("messages_fetched"), 1u);
  }
}

TEST_P(LadderTest, FlagsAndKeywordsChange) {
  fill("INBOX", 4);
  fill("Box", 4);
  EXPECT_CLEAN(sync());
  PlainImap user = server_->user();
  const std::string box = name("Box");
  user.store(box, "2:3", "+FLAGS", {"\\Flagged", "$Work"});
  user.store(box, "3:4", "-FLAGS", {"\\Seen", "Old"});
  if (modseqs()) {
    EXPECT_EQ(expect_learnt(Change::flags).source.at("flag_changes"), 3u);
    return;
  }
  {
    SCOPED_TRACE("no count tells of it");
    expect_quiet();
    EXPECT_NE(differences(), "");
  }
  {
    SCOPED_TRACE("mail beside it opens the mailbox, but it is not time for the sweep");
    user.append(box, mail("new"));
    const SyncReport report = sync();
    EXPECT_EQ(report.rungs.at("uidnext"), 1u) << report;
    EXPECT_EQ(report.source.at("messages_fetched"), 1u) << report;
    EXPECT_EQ(report.source.at("flag_changes"), 0u) << report;
  }
  {
    SCOPED_TRACE("the sweep");
    postern_->source.more = {"flag_sweep: 0s"};
    const SyncReport report = sync();
    EXPECT_EQ(report.source.at("flag_changes"), 3u) << report;
    EXPECT_EQ(differences(), "");
    postern_->source.more.clear();
    expect_quiet();
  }
}

TEST_P(LadderTest, MailboxesComeAndGo) {
  fill("INBOX", 1);
  fill("Box", 3);
  fill("Tree/Branch", 2);
  EXPECT_CLEAN(sync());
  expect_quiet();
  {
    SCOPED_TRACE("created");
    fill("New", 2);
    const SyncReport report = sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.rungs.at("enumerate"), 1u) << report;
    EXPECT_EQ(differences(), "");
    expect_quiet();
  }
  {
    SCOPED_TRACE("renamed");
    user().rename(name("Tree/Branch"), name("Twig"));
    EXPECT_CLEAN(sync());
    EXPECT_EQ(differences(), "");
    expect_quiet();
  }
  {
    SCOPED_TRACE("deleted, and another of its name made");
    user().remove(name("Box"));
    fill("Box", 2);
    const SyncReport report = sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.source.at("vanished"), 0u) << "another UIDVALIDITY tells of no deletion";
    EXPECT_EQ(differences(), "");
    expect_quiet();
  }
  {
    SCOPED_TRACE("deleted");
    const std::string digest = postern_->ls().at(name("New")).messages.at(0).sha256;
    user().remove(name("New"));
    const SyncReport report = sync();
    EXPECT_CLEAN(report);
    EXPECT_EQ(report.source.at("vanished"), 0u);
    EXPECT_EQ(postern_->cat(digest), mail("New 0")) << "the vault keeps it";
    EXPECT_EQ(differences(), "");
    expect_quiet();
  }
}

std::vector<Row> rows() {
  std::vector<Row> all;
  for (const ServerKind server : {ServerKind::fake, ServerKind::dovecot, ServerKind::cyrus}) {
    for (const Way way : {Way::qresync, Way::condstore, Way::uidnext, Way::bare}) all.push_back({server, way});
  }
  all.push_back({ServerKind::courier, Way::bare});  // it can no more
  return all;
}

INSTANTIATE_TEST_SUITE_P(, LadderTest, ::testing::ValuesIn(rows()), [](const auto& info) {
  return std::string(to_string(info.param.server)) + "_" + word(info.param.way);
});

}  // namespace
}  // namespace postern::testing
