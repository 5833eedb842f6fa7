#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/wiring/imap_source.h"
#include "tests/unit/client/fixture.h"
#include "tests/unit/daemon/wiring/recording_sink.h"

namespace postern::daemon {

/// An ImapSource on a server that plays a script.
class ImapSourceTest : public client::ClientTest {
 protected:
  void log_in() {
    ClientTest::log_in();
    source = std::make_unique<ImapSource>(std::move(client));
  }
  auto list() { return loop.run(source->list(Wait{})); }
  auto open(std::string_view name, std::optional<SourceCursor> resume = std::nullopt, UidSet known = {}) {
    return loop.run(source->open(MailboxName::from_wire(name, '/'), std::move(resume), std::move(known), Wait{}));
  }
  auto fetch(UidSet uids) { return loop.run(source->fetch(std::move(uids), sink, Wait{})); }
  /// A script up to the opened INBOX with `exists` messages.
  testing::ImapScript& examined(int exists = 3, const std::string& capabilities = "") {
    return server.login(capabilities)
        .expect(capabilities.find("CONDSTORE") == std::string::npos ? "EXAMINE INBOX" : "EXAMINE INBOX (CONDSTORE)")
        .reply("* " + std::to_string(exists) +
               " EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 100] x\r\n$ OK [READ-ONLY] x\r\n");
  }
  void examine() {
    log_in();
    const auto opened = open("INBOX");
    ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
  }
  static std::string item(int seq, int uid, const std::string& body) {
    return "* " + std::to_string(seq) + " FETCH (UID " + std::to_string(uid) +
           " FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE " + std::to_string(body.size()) +
           " BODY[] {" + std::to_string(body.size()) + "}\r\n" + body + ")\r\n";
  }

  std::unique_ptr<ImapSource> source;
  RecordingSink sink;
};

}  // namespace postern::daemon
