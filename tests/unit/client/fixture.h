#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "core/client/imap_client.h"
#include "tests/support/imap_script/imap_script.h"
#include "tests/support/io/manual_loop.h"
#include "tests/support/io/memory_dialer.h"

namespace postern::client {

/// A client of "imap.test" and the script of its server, on a loop with manual time.
class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    settings.endpoint = {.host = "imap.test", .port = 993, .tls = TlsMode::implicit, .ca_file = {}};
    settings.user = "alice";
    settings.password = fixed_password(Secret("secret"));
    settings.password_origin = "password_file /run/secrets/alice";
    dialer.serve("imap.test", 993, [this](std::unique_ptr<Stream> stream) { return server.serve(std::move(stream)); });
  }

  Result<void> connect() {
    auto connected = loop.run(ImapClient::connect(dialer, loop, settings, Wait{}));
    if (!connected) return fail(std::move(connected.error()));
    client = std::move(*connected);
    return {};
  }
  /// connect() as far as a client that is logged in.
  void log_in() {
    const auto connected = connect();
    ASSERT_TRUE(connected.has_value()) << connected.error().to_string();
  }
  void use_starttls() { settings.endpoint.tls = TlsMode::starttls; }
  Result<imap::Tagged> execute(imap::Command command) {
    return loop.run(client->execute(std::move(command), {}, Wait{}));
  }
  /// Hangs up and lets the server see it.
  void hang_up() {
    client.reset();
    loop.run_ready();
  }

  testing::ManualLoop loop;
  testing::ImapScript server{loop};
  testing::MemoryDialer dialer{loop};
  ImapSettings settings;
  std::unique_ptr<ImapClient> client;
};

}  // namespace postern::client
