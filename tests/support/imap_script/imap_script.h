#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/io/scheduler.h"
#include "core/io/sleep.h"
#include "core/io/stream.h"
#include "core/io/task.h"

namespace postern::testing {

/// What an IMAP server says and expects on one connection, step by step; a step that does not come true is a test
/// failure. Commands are written without their tag. In a reply each "$" at the start of a line stands for the tag of
/// the oldest command not yet answered. Built by verbs, each giving itself.
///
///   script.greet().expect("NOOP").reply("* 3 EXISTS\r\n$ OK done\r\n").cut();
class ImapScript {
 public:
  explicit ImapScript(Scheduler& scheduler) : scheduler_(scheduler) {}

  /// "* OK [CAPABILITY …] ready".
  ImapScript& greet(const std::string& capabilities = "IMAP4rev1");
  /// A greeting, a PLAIN login of "alice" with "secret", and the capabilities from then on (IMAP4rev1 is put in front).
  ImapScript& login(const std::string& capabilities = "");
  /// The next line of the client, whole; "*" at its end stands for anything.
  ImapScript& expect(std::string command);
  /// Exactly these octets, as they follow: a literal with what is behind it.
  ImapScript& octets(std::string expected);
  /// The next `count` octets, whatever they are.
  ImapScript& swallow(std::size_t count);
  ImapScript& reply(std::string text);
  /// From here on the octets of both sides travel in DEFLATE (RFC 4978).
  ImapScript& deflate();
  /// Silence for so long.
  ImapScript& pause(std::chrono::nanoseconds duration);
  /// Closes at once.
  ImapScript& cut();
  /// Says nothing more until the client goes away.
  ImapScript& hang();
  /// LOGOUT, its answer, the end.
  ImapScript& logout();

  /// Plays the script; give it to a MemoryDialer. Afterwards the script is used up.
  Task<void> serve(std::unique_ptr<Stream> stream);
  /// True when every step has come true.
  bool played() const { return next_ == steps_.size() && !failed_; }
  /// Commands heard, without tags.
  const std::vector<std::string>& heard() const { return heard_; }

 private:
  struct Expect {
    std::string command;
  };
  struct Octets {
    std::string expected;
    std::size_t count;
  };
  struct Reply {
    std::string text;
  };
  struct Pause {
    std::chrono::nanoseconds duration;
  };
  struct Deflate {};
  struct Cut {};
  struct Hang {};
  using Step = std::variant<Expect, Octets, Reply, Pause, Deflate, Cut, Hang>;

  Task<bool> play(Stream& stream, const Step& step);
  Task<bool> play_expect(Stream& stream, const Expect& step);
  Task<bool> play_octets(Stream& stream, const Octets& step);
  Task<bool> receive(Stream& stream);
  std::string with_tags(const std::string& text);
  bool wrong(const std::string& what);

  Scheduler& scheduler_;
  std::vector<Step> steps_;
  std::size_t next_ = 0;
  bool failed_ = false;
  std::string input_;
  std::deque<std::string> tags_;
  std::vector<std::string> heard_;
};

}  // namespace postern::testing
