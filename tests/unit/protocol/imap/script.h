#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/imap/session.h"

namespace postern::testing {

/// Plays a server against an imap::Session. "$1" in server octets is the tag of the first command, and so on. What the
/// session tells is kept as one line an event; a body's chunks are joined, so that the lines do not depend on segments.
class Script {
 public:
  explicit Script(imap::SessionOptions options = {});

  /// Every later server() is cut into segments of this many octets; 0: one segment.
  Script& segments(std::size_t octets);
  /// Cuts the server's octets once, behind this many since the start.
  Script& cut_at(std::size_t octets);

  imap::CommandId send(imap::Command command);
  Script& server(std::string_view octets);
  /// Greeting and LOGIN, with these capabilities afterwards.
  Script& log_in(std::string_view capabilities = "IMAP4rev1");
  /// log_in() and EXAMINE INBOX with `exists` messages.
  Script& select(std::string_view capabilities = "IMAP4rev1", std::size_t exists = 10);

  /// What was written since the last call, with our tags as "$1", "$2" …
  std::string written();
  /// The events since the last call.
  std::vector<std::string> events();
  /// events() joined by "\n".
  std::string told();
  std::string tag(std::size_t command) const;
  std::size_t server_octets() const { return fed_; }
  /// Takes events that a call has made without input.
  void drain();

  imap::Session session;
  std::vector<imap::Event> raw;  // all events, chunks excepted

 private:
  void feed(std::string_view octets);
  void note(imap::Event event);
  std::string with_tags(std::string_view text) const;

  std::vector<std::string> tags_;
  std::vector<std::string> events_;
  std::string body_;
  std::string out_;
  std::size_t segment_ = 0;
  std::size_t cut_ = 0;
  std::size_t fed_ = 0;
};

std::string describe(const imap::Event& event);
std::string describe(const imap::Response& response);

/// Options whose tags are the same in each run.
imap::SessionOptions plain_options();

inline MailboxName box(std::string_view name) { return MailboxName::from_wire(name, '/'); }
/// UID FETCH of `uids` with bodies.
imap::UidFetch fetch_bodies(UidSet uids);

}  // namespace postern::testing
