// From one real server to another, where the two differ in what they can do and in what they call their mailboxes.

#include <algorithm>

#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

struct Pair {
  ServerKind from, to;
};

void PrintTo(const Pair& pair, std::ostream* out) { *out << to_string(pair.from) << " to " << to_string(pair.to); }

/// Mail that every server keeps octet by octet: no 8-bit header, which Cyrus alters, a line end at the end, which
/// Courier adds, and a header that Cyrus takes.
constexpr MailKind kKept[] = {
    MailKind::plain,           MailKind::tiny,          MailKind::quoted_printable, MailKind::multipart_attachment,
    MailKind::empty_body,      MailKind::no_message_id, MailKind::no_date,          MailKind::looks_like_imap,
    MailKind::looks_like_mbox, MailKind::folded_headers};

class ServersTest : public ::testing::TestWithParam<Pair> {
 protected:
  void SetUp() override {
    for (const ServerKind kind : {GetParam().from, GetParam().to}) {
      if (!installed(kind)) GTEST_SKIP() << to_string(kind) << " is not installed";
    }
    s = std::make_unique<Scenario>(GetParam().from, GetParam().to);
    if (GetParam().from == ServerKind::courier) s->postern.source.more = {"flag_sweep: 0s"};  // no CONDSTORE
  }

  std::string name(std::string_view path) const { return s->source.name(path); }
  void append(const std::string& path, const GeneratedMail& mail) {
    s->source.user().append(name(path), mail.octets, mail.flags, mail.date_time());
  }
  void fill(const std::string& path) {
    if (path != "INBOX") s->source.user().create(name(path));
    PlainImap user = s->source.user();
    for (const MailKind kind : kKept) {
      const GeneratedMail mail = mails.make(kind);
      user.append(name(path), mail.octets, mail.flags, mail.date_time());
    }
  }
  /// By names as a person knows them, and without mailboxes that servers make by themselves.
  static AccountContent plain(const MailServer& server, ServerKind kind) {
    AccountContent content;
    for (auto& [path, messages] : server.contents()) {
      std::string shown = path;
      if (kind == ServerKind::courier && shown.starts_with("INBOX.")) {
        shown = shown.substr(6);
        std::replace(shown.begin(), shown.end(), '.', '/');
      }
      if (!messages.empty()) content[shown] = messages;
    }
    return content;
  }
  std::string differences() const {
    return difference(plain(s->source, GetParam().from), plain(s->target, GetParam().to));
  }
  void expect_in_step() {
    EXPECT_CLEAN(s->sync());
    EXPECT_EQ(differences(), "");
    EXPECT_EQ(s->postern.problems(), 0u);
  }
  void expect_quiet() {
    const std::string before = s->postern.snapshots();
    const SyncReport report = s->sync();
    EXPECT_CLEAN(report);
    for (const char* what : {"appended", "adopted", "flag_updates", "commands"}) {
      EXPECT_EQ(report.target.at(what), 0u) << what;
    }
    EXPECT_EQ(s->postern.snapshots(), before);
  }

  MailGenerator mails{77};
  std::unique_ptr<Scenario> s;
};

TEST_P(ServersTest, CopiesFollowsAndRests) {
  fill("INBOX");
  fill("Work");
  fill("Work/Plans");
  s->source.user().create(name("Arbeit/Entwürfe"));
  append("Arbeit/Entwürfe", mails.make(MailKind::plain));
  expect_in_step();
  expect_quiet();

  append("INBOX", mails.make(MailKind::plain));
  append("Work/Plans", mails.make(MailKind::multipart_attachment));
  s->source.user().create(name("Later"));
  append("Later", mails.make(MailKind::plain));
  s->source.user().store(name("INBOX"), "1:3", "+FLAGS", {"\\Flagged", "$Work"});
  s->source.user().store(name("INBOX"), "2", "-FLAGS", {"\\Flagged"});
  s->source.user().store(name("Work"), "1:*", "+FLAGS", {"\\Seen"});
  expect_in_step();
  expect_quiet();
}

std::string pair_name(const ::testing::TestParamInfo<Pair>& info) {
  return std::string(to_string(info.param.from)) + "_to_" + std::string(to_string(info.param.to));
}

INSTANTIATE_TEST_SUITE_P(, ServersTest,
                         ::testing::Values(Pair{ServerKind::dovecot, ServerKind::dovecot},
                                           Pair{ServerKind::dovecot, ServerKind::cyrus},
                                           Pair{ServerKind::cyrus, ServerKind::dovecot},
                                           Pair{ServerKind::courier, ServerKind::dovecot}),
                         pair_name);

class ToCyrusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!dovecot_installed() || !cyrus_installed()) GTEST_SKIP() << "Dovecot or Cyrus is not installed";
    s = std::make_unique<Scenario>(ServerKind::dovecot, ServerKind::cyrus);
  }
  std::unique_ptr<Scenario> s;
};

TEST_F(ToCyrusTest, WhatItRefusesIsQuarantinedWithItsWordsAndTheRestArrives) {
  PlainImap user = s->source.user();
  for (int i = 0; i < 5; ++i) user.append("INBOX", mail(std::to_string(i)));
  user.append("INBOX", "Subject: no header follows\r\nthis line is none\r\n\r\ntext\r\n");
  for (int i = 5; i < 8; ++i) user.append("INBOX", mail(std::to_string(i)));
  const SyncReport report = s->sync();
  EXPECT_EQ(report.exit_code, 4) << report;
  EXPECT_EQ(report.quarantined, 1u) << report;
  EXPECT_EQ(s->target.contents().at("INBOX").size(), 8u);
  const Finished listed = s->postern.run({"quarantine"});
  EXPECT_THAT(listed.out, ::testing::HasSubstr("alice: INBOX: UID 6: append: "));
  EXPECT_THAT(listed.out, ::testing::HasSubstr("invalid header")) << "the server's own words";
  const SyncReport again = s->sync();
  EXPECT_EQ(again.quarantined, 1u) << again;
  EXPECT_EQ(again.target.at("appended"), 0u) << "it is not due yet, and nothing else is sent twice";
}

// Cyrus puts X in place of each 8-bit octet of a header: another message by its octets, and still not a missing one.
TEST_F(ToCyrusTest, WhatItAltersIsThereOnceAndStaysBound) {
  PlainImap user = s->source.user();
  user.append("INBOX",
              "From: a@example.org\r\nSubject: Gr\xfc\xdf"
              "e\r\nMessage-ID: <8bit@example.org>\r\n\r\ntext\r\n");
  user.append("INBOX", mail("plain"));
  EXPECT_CLEAN(s->sync());
  EXPECT_EQ(s->target.contents().at("INBOX").size(), 2u);
  EXPECT_NE(s->target.contents().at("INBOX"), s->source.contents().at("INBOX")) << "it was altered";
  user.store("INBOX", "1", "+FLAGS", {"\\Flagged"});
  EXPECT_CLEAN(s->sync());
  const StoredMailbox there = s->target.state().at("INBOX");
  ASSERT_EQ(there.messages.size(), 2u);
  EXPECT_EQ(there.messages.front().flags, std::set<std::string>{"\\Flagged"});
  const SyncReport quiet = s->sync();
  EXPECT_EQ(quiet.target.at("commands"), 0u) << quiet;
}

}  // namespace
}  // namespace postern::testing
