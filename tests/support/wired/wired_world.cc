#include "tests/support/wired/wired_world.h"

#include <stdexcept>

#include "daemon/wiring/imap_source.h"
#include "daemon/wiring/imap_source_writer.h"
#include "daemon/wiring/imap_target.h"

namespace postern::testing {
namespace {

constexpr std::uint16_t kPort = 993;

/// Without SCRAM, whose hashing would be most of the work.
FakeImapOptions quick_login() {
  FakeImapOptions options;
  options.capabilities.erase("AUTH=SCRAM-SHA-256");
  return options;
}

}  // namespace

WiredWorld::WiredWorld() : source(quick_login()), target(quick_login()) {
  dialer.serve("source.test", kPort,
               [this](std::unique_ptr<Stream> stream) { return accept(source, std::move(stream)); });
  dialer.serve("target.test", kPort,
               [this](std::unique_ptr<Stream> stream) { return accept(target, std::move(stream)); });
  for (FakeImapServer* server : {&source, &target}) {
    server->interrupt_when([this](const std::string&, bool) { return at_command(); });
  }
  faults.choose([this](std::string_view) { return at_write(); });
  options.account = "alice";
  options.target = "new";
}

/// A process that has ended takes no connections up.
Task<void> WiredWorld::accept(FakeImapServer& server, std::unique_ptr<Stream> stream) {
  if (dead_) co_return;
  co_await server.serve(loop, std::move(stream));
}

void WiredWorld::stop_at(std::uint64_t step, Stop how) {
  steps_ = 0;
  stop_at_ = step;
  how_ = how;
}

void WiredWorld::break_connections() {
  source.hang_up_all();
  target.hang_up_all();
}

bool WiredWorld::stops_here() {
  ++all_steps_;
  if (meanwhile && !dead_) meanwhile(all_steps_);
  return ++steps_ == stop_at_;
}

Fault WiredWorld::at_write() {
  const bool before = stops_here(), after = stops_here();
  if (!before && !after) return Fault::none;
  if (how_ == Stop::cut) {
    after ? loop.run_soon([this] { break_connections(); }) : break_connections();
    return Fault::none;
  }
  dead_ = true;
  break_connections();
  return before ? Fault::killed_before : Fault::killed_after;
}

bool WiredWorld::at_command() {
  if (!stops_here()) return dead_;
  if (how_ == Stop::kill) {
    dead_ = true;
    faults.kill();
  }
  loop.run_soon([this] { break_connections(); });
  return true;
}

bool WiredWorld::sync_or_die() {
  try {
    return sync().state == sync::PassReport::State::ok && !dead_;
  } catch (const std::runtime_error&) {  // nothing can go on: the process has ended
    return false;
  }
}

client::ImapSettings WiredWorld::settings(const std::string& host) const {
  client::ImapSettings settings;
  settings.endpoint = {.host = host, .port = kPort, .tls = TlsMode::implicit, .ca_file = {}};
  settings.user = FakeImapOptions().user;
  settings.password = client::fixed_password(Secret(FakeImapOptions().password));
  return settings;
}

sync::PassReport WiredWorld::sync() {
  dead_ = false;
  faults.start();
  daemon::ImapSourceConnector from(dialer, loop, settings("source.test"));
  daemon::ImapTargetConnector to(dialer, loop, settings("target.test"));
  daemon::ImapSourceWriterConnector writer(dialer, loop, settings("source.test"));
  ModelVault port(vault, faults, loop);
  return loop.run(sync::run_pass(options, from, &to, port, loop, progress, Wait{}, &writer));
}

std::string WiredWorld::difference() const {
  return testing::difference(contents(source.state()), contents(target.state()));
}

std::size_t WiredWorld::mutations_since(FakeImapServer::Mark mark) const {
  std::size_t count = 0;
  for (const char* verb : {"APPEND", "STORE", "UID STORE", "CREATE", "DELETE", "RENAME", "SUBSCRIBE", "UNSUBSCRIBE",
                           "COPY", "UID COPY", "MOVE", "UID MOVE", "EXPUNGE", "UID EXPUNGE"}) {
    count += target.commands_since(mark, verb);
  }
  return count;
}

std::vector<std::string> WiredWorld::violations() const {
  std::vector<std::string> all = source.violations();
  for (const std::string& one : target.violations()) all.push_back("target: " + one);
  return all;
}

Bytes wired_mail(std::string_view subject, std::string_view text) {
  const std::string name(subject);
  return "From: a@example.org\r\nSubject: " + name + "\r\nMessage-ID: <" + name + "@example.org>\r\n\r\n" +
         std::string(text) + "\r\n";
}

}  // namespace postern::testing
