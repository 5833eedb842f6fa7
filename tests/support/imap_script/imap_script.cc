#include "tests/support/imap_script/imap_script.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "core/io/deflate_stream.h"

namespace postern::testing {

ImapScript& ImapScript::greet(const std::string& capabilities) {
  return reply("* OK [CAPABILITY " + capabilities + "] ready\r\n");
}

ImapScript& ImapScript::login(const std::string& capabilities) {
  greet("IMAP4rev1 SASL-IR AUTH=PLAIN");
  expect("AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==");
  return reply("$ OK [CAPABILITY IMAP4rev1" + (capabilities.empty() ? "" : " " + capabilities) + "] in\r\n");
}

ImapScript& ImapScript::expect(std::string command) {
  steps_.emplace_back(Expect{std::move(command)});
  return *this;
}

ImapScript& ImapScript::octets(std::string expected) {
  const std::size_t count = expected.size();
  steps_.emplace_back(Octets{std::move(expected), count});
  return *this;
}

ImapScript& ImapScript::swallow(std::size_t count) {
  steps_.emplace_back(Octets{{}, count});
  return *this;
}

ImapScript& ImapScript::reply(std::string text) {
  steps_.emplace_back(Reply{std::move(text)});
  return *this;
}

ImapScript& ImapScript::deflate() {
  steps_.emplace_back(Deflate{});
  return *this;
}

ImapScript& ImapScript::pause(std::chrono::nanoseconds duration) {
  steps_.emplace_back(Pause{duration});
  return *this;
}

ImapScript& ImapScript::cut() {
  steps_.emplace_back(Cut{});
  return *this;
}

ImapScript& ImapScript::hang() {
  steps_.emplace_back(Hang{});
  return *this;
}

ImapScript& ImapScript::logout() { return expect("LOGOUT").reply("* BYE bye\r\n$ OK done\r\n").cut(); }

Task<void> ImapScript::serve(std::unique_ptr<Stream> stream) {
  while (next_ < steps_.size()) {
    if (std::holds_alternative<Deflate>(steps_[next_])) {
      stream = std::make_unique<DeflateStream>(scheduler_, std::move(stream), std::exchange(input_, {}));
    } else if (!co_await play(*stream, steps_[next_])) {
      break;
    }
    ++next_;
  }
  // What the client still says is none of the script's business; the line stays up until it goes.
  const bool was_cut = next_ == steps_.size() && !steps_.empty() && std::holds_alternative<Cut>(steps_.back());
  while (!was_cut && co_await receive(*stream)) {
  }
  stream->close();
}

Task<bool> ImapScript::play(Stream& stream, const Step& step) {
  if (const auto* expect = std::get_if<Expect>(&step)) co_return co_await play_expect(stream, *expect);
  if (const auto* octets = std::get_if<Octets>(&step)) co_return co_await play_octets(stream, *octets);
  if (const auto* reply = std::get_if<Reply>(&step)) {
    const std::string text = with_tags(reply->text);
    auto written = co_await stream.write_all(text, Wait{});
    co_return written.has_value();  // a client that has gone is the test's affair
  }
  if (const auto* pause = std::get_if<Pause>(&step)) {
    auto slept = co_await sleep(scheduler_, pause->duration, Wait{});
    co_return slept.has_value();
  }
  if (std::holds_alternative<Cut>(step)) {
    stream.close();
    co_return true;
  }
  while (co_await receive(stream)) {
  }
  co_return true;
}

Task<bool> ImapScript::play_expect(Stream& stream, const Expect& step) {
  std::size_t end = std::string::npos;
  while ((end = input_.find("\r\n")) == std::string::npos) {
    if (!co_await receive(stream)) co_return wrong("the client went away; expected: " + step.command);
  }
  const std::string line = input_.substr(0, end);
  input_.erase(0, end + 2);
  std::string command = line;
  if (!step.command.starts_with('=')) {  // "=…": a line that has no tag
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) co_return wrong("no tag: " + line);
    tags_.push_back(line.substr(0, blank));
    command = line.substr(blank + 1);
  } else {
    command.insert(0, "=");
  }
  heard_.push_back(command);
  const bool open = step.command.ends_with('*');
  const bool right =
      open ? command.starts_with(step.command.substr(0, step.command.size() - 1)) : command == step.command;
  co_return right || wrong("expected: " + step.command + "\n   heard: " + command);
}

Task<bool> ImapScript::play_octets(Stream& stream, const Octets& step) {
  while (input_.size() < step.count) {
    if (!co_await receive(stream)) co_return wrong("the client went away inside octets");
  }
  const std::string came = input_.substr(0, step.count);
  input_.erase(0, step.count);
  co_return step.expected.empty() || came == step.expected ||
      wrong("expected octets: " + step.expected + "\n          heard: " + came);
}

Task<bool> ImapScript::receive(Stream& stream) {
  std::array<char, 4096> buffer{};
  auto got = co_await stream.read_some(buffer, Wait{});
  if (!got || *got == 0) co_return false;
  input_.append(buffer.data(), *got);
  co_return true;
}

std::string ImapScript::with_tags(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (text[i] != '$' || !line_start || tags_.empty()) {
      out.push_back(text[i]);
      continue;
    }
    out += tags_.front();
    tags_.pop_front();
  }
  return out;
}

bool ImapScript::wrong(const std::string& what) {
  failed_ = true;
  ADD_FAILURE() << "step " << next_ << " of the server's script: " << what;
  return false;
}

}  // namespace postern::testing
