// How fast a mailbox is pulled over TLS from a Dovecot on loopback, next to a client that throws everything away:
//
//   fetch_rate [messages] [octets a message]
//
// Each round measures both; what counts is the ratio within a round, for machines are noisy.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "core/io/loop.h"
#include "core/io/net_dialer.h"
#include "daemon/wiring/imap_source.h"
#include "tests/support/dovecot/dovecot.h"
#include "tests/support/mail/generator.h"

namespace {

using namespace postern;
using Steady = std::chrono::steady_clock;

class CountingSink final : public sync::MessageSink {
 public:
  void begin(std::uint64_t) override {}
  void body(ByteView octets) override { octets_ += octets.size(); }
  void end(const sync::ArrivedMessage&) override { ++messages_; }
  void abandon() override {}
  Task<Result<void>> ready(Wait) override { co_return Result<void>(); }
  std::uint64_t messages_ = 0;
  std::uint64_t octets_ = 0;
};

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double pull(Loop& loop, sync::Source& source, std::uint64_t wanted) {
  const auto start = Steady::now();
  must(loop.run(source.open(MailboxName::from_wire("INBOX", '/'), std::nullopt, {}, Wait{})));
  const UidSet uids = must(loop.run(source.uids(Wait{})));
  CountingSink sink;
  must(loop.run(source.fetch(uids, sink, Wait{})));
  const double took = seconds_since(start);
  if (sink.messages_ != wanted) {
    std::fprintf(stderr, "%llu of %llu messages came\n", static_cast<unsigned long long>(sink.messages_),
                 static_cast<unsigned long long>(wanted));
    std::exit(1);
  }
  return took;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t messages = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  const std::size_t octets = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 4'000;
  testing::Dovecot server;
  testing::MailGenerator generator(1);
  auto maildir = server.maildir();
  for (std::size_t i = 0; i < messages; ++i) maildir.add("INBOX", generator.everyday(octets));
  maildir.finish();

  Loop loop;
  DnsResolver resolver(loop);
  TlsSessionCache sessions;
  NetDialer dialer(loop, resolver, sessions);
  client::ImapSettings settings;
  settings.endpoint = {"localhost", server.imaps_port(), TlsMode::implicit, server.ca_file().string()};
  settings.user = "alice";
  settings.password = client::fixed_password(Secret(testing::Dovecot::kPassword));

  server.login().drain("INBOX");  // Dovecot builds its index
  for (int round = 0; round < 5; ++round) {
    auto thrower = server.login("alice", testing::PlainTls::implicit);
    const auto start = Steady::now();
    thrower.drain("INBOX");
    const double ceiling = seconds_since(start);
    daemon::ImapSourceConnector connector(dialer, loop, settings);
    auto source = must(loop.run(connector.connect(Wait{})));
    const double ours = pull(loop, *source, messages);
    loop.run(source->close());
    std::printf("ceiling %.3f s, pull %.3f s: ratio %.2f, %.0f messages/s\n", ceiling, ours, ours / ceiling,
                static_cast<double>(messages) / ours);
  }
}
