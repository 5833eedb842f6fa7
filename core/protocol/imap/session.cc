#include "core/protocol/imap/session.h"

#include <algorithm>

#include "core/base/base64.h"
#include "core/protocol/imap/session_impl.h"

namespace postern::imap {
namespace {

template <class... Kinds>
bool is_one_of(const Command& command) {
  return (std::holds_alternative<Kinds>(command) || ...);
}

/// Written only when nothing else is in flight, and nothing is written behind it until it has ended: it changes what
/// the octets mean, or (LOGIN) servers are known to drop what was pipelined behind it.
bool is_exclusive(const Command& command) {
  return is_one_of<Authenticate, Login, StartTls, CompressDeflate, Idle>(command);
}

/// SplitMix64's finaliser: neighbouring numbers give unrelated tags.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

}  // namespace

Session::Impl::Impl(SessionOptions given)
    : options(std::move(given)),
      fragmenter(options.before_authentication, quirks),
      parser(options.before_authentication, quirks),
      secure(options.secure),
      withdrawn(options.disabled) {
  fragmenter.accept_bare_lf(options.accept_bare_lf);
}

Result<void> Session::Impl::may_enqueue(const Command& command) const {
  if (dead || state == State::closed) return fail(ErrorKind::internal, "a command after the session's end");
  if (state == State::logout || bye) return fail(ErrorKind::transient, "the session is ending");
  const auto behind_logout = [](const Pending& each) { return is_one_of<Logout>(each.command); };
  if (std::any_of(flying.begin(), flying.end(), behind_logout) ||
      std::any_of(waiting.begin(), waiting.end(), behind_logout)) {
    return fail(ErrorKind::internal, "a command behind LOGOUT");
  }
  if (options.starttls_required && !secure && !is_one_of<Capability, Noop, StartTls, Logout>(command)) {
    return fail(Error(ErrorKind::security, "nothing is said before STARTTLS").remedy("the server must offer STARTTLS"));
  }
  if (is_one_of<StartTls>(command)) {
    if (secure) return fail(ErrorKind::internal, "STARTTLS inside TLS");
    if (capabilities.known() && !capabilities.has("STARTTLS")) {
      return fail(Error(ErrorKind::security, "the server does not offer STARTTLS")
                      .remedy("use implicit TLS (port 993), or ask the server's operator"));
    }
  }
  if (is_one_of<Login>(command) && capabilities.has("LOGINDISABLED")) {
    return fail(Error(ErrorKind::security, "the server does not allow LOGIN on this connection")
                    .remedy("use TLS, or another authentication mechanism"));
  }
  return {};
}

std::string Session::Impl::next_tag() {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::uint64_t bits = mix(options.tag_seed + 0x9E3779B97F4A7C15u * ++commands);
  std::string tag;
  for (int i = 0; i < 7; ++i, bits >>= 5) tag.push_back(kLetters[bits & 31]);
  return tag + std::to_string(commands);  // unique, whatever the letters
}

LiteralForm Session::Impl::literal_form() const {
  const bool authenticated = state == State::authenticated || state == State::selected;
  if (!authenticated || !capabilities.known()) return LiteralForm::synchronising;
  if (capabilities.has("LITERAL+")) return LiteralForm::plus;
  return capabilities.has("LITERAL-") ? LiteralForm::minus : LiteralForm::synchronising;
}

bool Session::Impl::utf8() const {
  const auto has = [&](std::string_view name) {
    return std::find(enabled.begin(), enabled.end(), name) != enabled.end();
  };
  return has("UTF8=ACCEPT") || has("IMAP4REV2");
}

Result<CommandId> Session::Impl::enqueue(Command command) {
  if (const auto allowed = may_enqueue(command); !allowed) return fail(allowed.error());
  Pending pending;
  pending.tag = next_tag();
  pending.id = CommandId(commands);
  pending.form = literal_form();
  pending.utf8 = utf8();
  auto encoded = encode_command(command, pending.tag, pending.form, pending.utf8);
  if (!encoded) return fail(Error(encoded.error()).at(name_of(command)));
  pending.encoded = std::move(*encoded);
  pending.command = std::move(command);
  const CommandId id = pending.id;
  waiting.push_back(std::move(pending));
  pump();
  return id;
}

bool Session::Impl::blocked() const {
  if (dead || bye || awaiting_layer || state == State::greeting || state == State::logout || hold != Hold::none)
    return true;
  if (flying.empty()) return false;
  return is_exclusive(flying.back().command) || is_one_of<Logout>(flying.back().command) ||
         is_exclusive(waiting.front().command);
}

void Session::Impl::pump() {
  while (!waiting.empty() && !blocked()) {
    Pending& pending = flying.emplace_back(std::move(waiting.front()));
    waiting.pop_front();
    if (pending.form != literal_form() || pending.utf8 != utf8()) {
      pending.form = literal_form();
      auto again = encode_command(pending.command, pending.tag, pending.form, utf8());
      if (!again) return die(std::move(again.error()));
      pending.encoded = std::move(*again);
    }
    if (const auto* enable = std::get_if<Enable>(&pending.command)) {
      for (const std::string& name : enable->names) asked_to_enable.push_back(ascii_upper(name));
    }
    if (is_one_of<Authenticate, Login>(pending.command)) capabilities_renewed = false;
    write_segments(pending);
  }
}

void Session::Impl::write_segments(Pending& pending) {
  while (pending.segment < pending.encoded.segments.size()) {
    EncodedCommand::Segment& segment = pending.encoded.segments[pending.segment];
    write(segment.octets, pending.encoded.secret);
    if (pending.encoded.secret) cleanse(segment.octets);
    segment.octets.clear();
    if (segment.await_go_ahead) {
      hold = Hold::go_ahead;
      return;
    }
    if (segment.body) {
      hold = Hold::body;
      body_left = *segment.body;
      push(BodyWanted{pending.id, pending.bodies++, body_left});
      return;
    }
    ++pending.segment;
  }
  pending.end = produced;
}

void Session::Impl::go_ahead() {
  Pending& pending = flying.back();
  hold = Hold::none;
  EncodedCommand::Segment& segment = pending.encoded.segments[pending.segment];
  segment.await_go_ahead = false;
  if (!segment.body) ++pending.segment;
  write_segments(pending);
  pump();
}

void Session::Impl::finish_body() {
  Pending& pending = flying.back();
  hold = Hold::none;
  ++pending.segment;
  if (early_refusal) {
    // The literal had to be completed; the rest of the command must not be, and the server expects a line.
    write("\r\n", false);
    pending.end = produced;
    on_tagged(std::move(*std::exchange(early_refusal, std::nullopt)));
    return;
  }
  write_segments(pending);
  pump();
}

void Session::Impl::write(ByteView octets, bool secret) {
  if (secret || out_secret) {
    // A reallocation would leave a copy behind.
    Bytes grown;
    grown.reserve(out.size() + octets.size());
    grown.append(out).append(octets);
    cleanse(out);
    out = std::move(grown);
    out_secret = true;
  } else {
    out.append(octets);
  }
  produced += octets.size();
}

void Session::Impl::consume(std::size_t count) {
  constexpr std::size_t kKeepCapacity = 64 * 1024;
  out_taken += count;
  consumed += count;
  if (out_taken < out.size()) return;
  if (out_secret) cleanse(out);
  out_secret = false;
  out_taken = 0;
  if (out.capacity() > kKeepCapacity) {
    Bytes().swap(out);
  } else {
    out.clear();
  }
}

Result<void> Session::Impl::misuse(std::string_view what) {
  Error error(ErrorKind::internal, std::string(what));
  die(error);
  return fail(std::move(error));
}

Session::Session(SessionOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Session::~Session() {
  if (impl_->out_secret) cleanse(impl_->out);
}

Result<CommandId> Session::enqueue(Command command) { return impl_->enqueue(std::move(command)); }
ByteView Session::output() const { return ByteView(impl_->out).substr(impl_->out_taken); }
void Session::consume_output(std::size_t count) { impl_->consume(count); }

Result<void> Session::respond(const Secret& octets) {
  if (!impl_->challenge_open) return impl_->misuse("a SASL response without a challenge");
  impl_->challenge_open = false;
  Bytes coded = base64_encode(octets.reveal());
  impl_->write(coded, true);
  impl_->write("\r\n", true);
  cleanse(coded);
  return {};
}

Result<void> Session::cancel_authentication() {
  if (!impl_->challenge_open) return impl_->misuse("a SASL exchange cancelled without a challenge");
  impl_->challenge_open = false;
  impl_->write("*\r\n", false);
  return {};
}

Result<void> Session::done() {
  Impl& self = *impl_;
  if (self.oldest<Idle>() == nullptr || self.done_wanted) return fail(ErrorKind::internal, "DONE without IDLE");
  self.done_wanted = true;
  if (self.idling) {
    self.write("DONE\r\n", false);
    self.done_sent = true;
  }
  return {};
}

Result<void> Session::supply(ByteView octets) {
  Impl& self = *impl_;
  if (self.hold != Impl::Hold::body || self.dead) return self.misuse("message octets that no command waits for");
  if (octets.size() > self.body_left) return self.misuse("more message octets than announced");
  self.body_left -= octets.size();
  self.write(octets, false);
  return {};
}

Result<void> Session::end_body() {
  Impl& self = *impl_;
  if (self.hold != Impl::Hold::body || self.dead) return self.misuse("the end of a message that no command waits for");
  if (self.body_left != 0) return self.misuse("fewer message octets than announced");
  self.finish_body();
  return {};
}

void Session::feed(ByteView octets) {
  Impl& self = *impl_;
  if (self.dead || octets.empty()) return;
  if (self.awaiting_layer)
    return self.die(ErrorKind::security, "octets came in clear after the switch to another layer");
  self.fragmenter.feed(octets);
}

void Session::end_of_input() { impl_->end_of_input(); }
std::optional<Event> Session::next_event() { return impl_->next_event(); }
void Session::handed_over() { impl_->handed_over(); }
Bytes Session::take_unread() { return Bytes(impl_->fragmenter.take_unread()); }

State Session::state() const { return impl_->state; }
bool Session::secure() const { return impl_->secure; }
const Capabilities& Session::capabilities() const { return impl_->capabilities; }
bool Session::enabled(std::string_view name) const {
  return std::find(impl_->enabled.begin(), impl_->enabled.end(), name) != impl_->enabled.end();
}
const SelectedMailbox* Session::selected() const { return impl_->selected ? &*impl_->selected : nullptr; }
const QuirkCounts& Session::quirks() const { return impl_->quirks; }
std::size_t Session::in_flight() const { return impl_->waiting.size() + impl_->flying.size(); }
std::uint64_t Session::commands_sent() const { return impl_->commands; }

bool Session::fully_written(CommandId command) const {
  const auto is_it = [&](const Impl::Pending& each) { return each.id == command; };
  if (std::any_of(impl_->waiting.begin(), impl_->waiting.end(), is_it)) return false;
  const auto found = std::find_if(impl_->flying.begin(), impl_->flying.end(), is_it);
  return found == impl_->flying.end() || (found->written() && found->end <= impl_->consumed);
}

}  // namespace postern::imap
