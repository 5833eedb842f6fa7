// The fake against the plain client: what the two agree on was written twice, apart from Postern.

#include "tests/support/fake_imap/threaded_fake_imap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/mail/generator.h"
#include "tests/support/plain_imap/plain_imap.h"

namespace postern::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

PlainImap login(const ThreadedFakeImap& fake, PlainTls tls = PlainTls::none) {
  return PlainImap(
      {tls == PlainTls::implicit ? fake.imaps_port() : fake.imap_port(), "alice", FakeImapOptions{}.password, tls});
}

TEST(ThreadedFakeImapTest, KeepsWhatAUserDoes) {
  ThreadedFakeImap fake;
  PlainImap user = login(fake);
  for (const GeneratedMailbox& box : varied_account(5, 60)) {
    if (box.name != "INBOX") user.create(box.name);
    std::vector<PlainImap::Upload> uploads;
    for (const GeneratedMail& m : box.messages) uploads.push_back({m.octets, m.flags, m.date_time()});
    user.append_all(box.name, uploads);
  }
  user.subscribe("R&D");
  user.store("INBOX", "1:2", "FLAGS", {"$Work"});
  user.move("INBOX", "3", "Empty");
  user.expunge("INBOX", "4");
  user.rename("Sent Items", "Gesendet/alt");
  EXPECT_EQ(difference(contents(fake->state()), contents(user.state())), "");
  EXPECT_THAT(user.subscriptions(), ElementsAre("R&D"));
  EXPECT_THAT(user.state().at("INBOX").messages.at(0).flags, ElementsAre("$Work"));
  EXPECT_THAT(fake->violations(), IsEmpty());
}

TEST(ThreadedFakeImapTest, SpeaksTlsBothWays) {
  ThreadedFakeImap fake;
  fake->append("INBOX", Bytes(300'000, 'x'));
  EXPECT_EQ(login(fake, PlainTls::implicit).drain("INBOX").octets, 300'000u);
  EXPECT_EQ(login(fake, PlainTls::starttls).drain("INBOX").octets, 300'000u);
  EXPECT_EQ(fake->commands_since(0, "STARTTLS"), 1u);
}

TEST(ThreadedFakeImapTest, HangsUpOnRequest) {
  ThreadedFakeImap fake;
  fake->append("INBOX", Bytes(300'000, 'x'));
  fake->lie([](Lies& lies) { lies.cut_in_body = {.uid = 1, .octets = 200'000}; });
  EXPECT_THROW(login(fake).drain("INBOX"), std::runtime_error);
  EXPECT_EQ(login(fake).drain("INBOX").octets, 300'000u);
}

}  // namespace
}  // namespace postern::testing
