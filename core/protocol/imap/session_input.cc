// Session: from fragments to events.

#include <algorithm>
#include <utility>

#include "core/base/base64.h"
#include "core/protocol/imap/session_impl.h"

namespace postern::imap {
namespace {

CommandClass class_of(const Command& command) {
  if (std::holds_alternative<Login>(command) || std::holds_alternative<Authenticate>(command)) {
    return CommandClass::authentication;
  }
  if (std::holds_alternative<UidFetch>(command) || std::holds_alternative<UidSearch>(command))
    return CommandClass::fetch;
  if (std::holds_alternative<Append>(command) || std::holds_alternative<UidCopy>(command) ||
      std::holds_alternative<UidMove>(command)) {
    return CommandClass::append;
  }
  if (std::holds_alternative<UidStore>(command)) return CommandClass::store;
  if (std::holds_alternative<Create>(command) || std::holds_alternative<Rename>(command)) return CommandClass::create;
  if (std::holds_alternative<Select>(command) || std::holds_alternative<StatusCommand>(command) ||
      std::holds_alternative<Delete>(command) || std::holds_alternative<Subscribe>(command) ||
      std::holds_alternative<Unsubscribe>(command)) {
    return CommandClass::mailbox;
  }
  return CommandClass::other;
}

}  // namespace

std::optional<Event> Session::Impl::next_event() {
  if (events.empty()) kept_bodies.clear();
  while (events.empty()) {
    if (dead || awaiting_layer) return std::nullopt;
    auto fragment = fragmenter.next();
    if (!fragment) {
      die(std::move(fragment.error()));
      break;
    }
    if (std::holds_alternative<Fragmenter::NeedInput>(*fragment)) return std::nullopt;
    read_fragment(std::move(*fragment));
  }
  Event event = std::move(events.front());
  events.pop_front();
  return event;
}

void Session::Impl::read_fragment(Fragmenter::Fragment fragment) {
  if (const auto* announced = std::get_if<Fragmenter::Announced>(&fragment)) return on_literal(*announced);
  if (const auto* piece = std::get_if<Fragmenter::LiteralPiece>(&fragment)) return on_piece(*piece);
  if (const auto* line = std::get_if<Fragmenter::LongLine>(&fragment)) return on_long_line(line->octets);
  auto response = parser.finish(std::get<Fragmenter::Complete>(fragment).octets);
  if (!response) return die(std::move(response.error()));
  on_response(std::move(*response));
}

void Session::Impl::on_literal(const Fragmenter::Announced& announced) {
  const auto use = parser.literal_use(announced.octets);
  if (use == ResponseParser::LiteralUse::text) return fragmenter.plain_text();
  const auto size = parse_literal_size(announced.spec);
  if (!size) return die(Error(size.error()).server_text(announced.spec));
  Result<void> ready;
  if (use == ResponseParser::LiteralUse::keep) {
    ready = fragmenter.keep_literal(*size);
  } else {
    if (current_mailbox() == nullptr) return die(ErrorKind::protocol, "FETCH without a selected mailbox");
    if (const auto read = parser.fetch_to_literal(announced.octets); !read) return die(read.error());
    const FetchData& fetch = parser.fetch();
    body.command = owner_of_fetch(fetch.uid, true);
    body.wanted = body.command != kNoCommand;
    body.section = fetch.sections.back().section;
    body.size = *size;
    if (!body.wanted) quirks.add(Quirk::unsolicited_body);
    ready = fragmenter.stream_literal(*size);
  }
  if (!ready) die(std::move(ready.error()));
}

void Session::Impl::on_long_line(ByteView octets) {
  if (state != State::selected) return;
  const auto taken = parser.long_line(octets);
  if (!taken) return die(taken.error());
  if (*taken > 0) fragmenter.consume(*taken);
}

void Session::Impl::on_piece(const Fragmenter::LiteralPiece& piece) {
  if (!body.wanted) return;
  const FetchData& fetch = parser.fetch();
  push(LiteralChunk{body.command, fetch.seq, fetch.uid, body.section, body.size, piece.offset, piece.octets,
                    piece.last});
}

void Session::Impl::on_response(Response response) {
  if (state == State::greeting) return on_greeting(response);
  if (auto* status = std::get_if<StatusResponse>(&response)) {
    if (!status->tag.empty()) return on_tagged(std::move(*status));
    if (status->status == Status::bye) return on_bye(std::move(*status));
    if (status->status == Status::preauth) return die(ErrorKind::protocol, "PREAUTH after the greeting");
    return on_status(std::move(*status));
  }
  if (const auto* request = std::get_if<ContinuationRequest>(&response)) return on_continuation(*request);
  on_data(std::move(response));
}

void Session::Impl::on_greeting(const Response& response) {
  const auto* greeting = std::get_if<StatusResponse>(&response);
  const bool untagged = greeting != nullptr && greeting->tag.empty();
  if (untagged && greeting->status == Status::bye) {
    return die(classify("greeting", CommandClass::session, Status::bye, greeting->code, greeting->text));
  }
  if (!untagged || (greeting->status != Status::ok && greeting->status != Status::preauth)) {
    return die(ErrorKind::protocol, "the server's first line is no IMAP greeting");
  }
  const bool preauth = greeting->status == Status::preauth;
  if (preauth && options.starttls_required && !secure) {
    return die(Error(ErrorKind::security, "PREAUTH on a line that is still in clear: STARTTLS would be skipped")
                   .remedy("use implicit TLS (port 993)"));
  }
  state = preauth ? State::authenticated : State::not_authenticated;
  if (preauth) {
    fragmenter.set_limits(options.after_authentication);
    parser.set_limits(options.after_authentication);
  }
  if (const auto* offered = std::get_if<Capabilities>(&greeting->code.value)) learn(*offered);
  push(Greeting{preauth, greeting->text});
  pump();
}

void Session::Impl::on_tagged(StatusResponse reply) {
  const auto found =
      std::find_if(flying.begin(), flying.end(), [&](const Pending& each) { return each.tag == reply.tag; });
  if (found == flying.end()) {
    const bool clear = options.starttls_required && !secure;
    return die(Error(clear ? ErrorKind::security : ErrorKind::protocol, "a tagged reply to no command of ours")
                   .server_text(reply.tag + " " + reply.text));
  }
  const bool ok = reply.status == Status::ok;
  if (!found->written()) {
    if (ok) return die(ErrorKind::protocol, "a command was called done before it was written");
    if (hold == Hold::body) {
      early_refusal = std::move(reply);
      return;
    }
    hold = Hold::none;
  }
  const bool idle = std::holds_alternative<Idle>(found->command);
  if (ok && idle && !done_sent) return die(ErrorKind::protocol, "IDLE was called done before DONE");
  if (ok && challenge_open) return die(ErrorKind::protocol, "AUTHENTICATE was called done with a challenge open");
  if (!check_code(reply.code, &*found, reply.status)) return;
  Pending pending = std::move(*found);
  flying.erase(found);
  challenge_open = false;
  if (idle) idling = done_wanted = done_sent = false;
  unsolicited = 0;

  if (ok && std::holds_alternative<StartTls>(pending.command) && fragmenter.unread() != 0) {
    return die(Error(ErrorKind::security, "octets came in clear behind the answer to STARTTLS")
                   .remedy("somebody may be tampering with the line; use implicit TLS (port 993)"));
  }
  Tagged event{pending.id, reply.status, reply.code, reply.text, std::nullopt, false};
  if (ok) {
    event.wants_patience = asks_for_patience(reply.code, reply.text);
  } else {
    event.error = classify(name_of(pending.command), class_of(pending.command), reply.status, reply.code, reply.text);
  }
  // Behind a SELECT that was refused, BAD says that no mailbox is open, nothing of extensions.
  const bool adrift = state != State::selected && class_of(pending.command) == CommandClass::fetch;
  if (reply.status == Status::bad && !adrift) {
    for (const std::string_view extension : extensions_of(pending.command)) {
      if (!capabilities.states(extension)) continue;
      quirks.add(Quirk::extension_withdrawn);
      withdrawn.emplace_back(extension);
      capabilities.remove(extension);
    }
  }
  push(std::move(event));
  if (ok) {
    on_tagged_ok(pending, reply);
  } else {
    on_tagged_refusal(pending);
  }
  if (!dead) pump();
}

void Session::Impl::on_tagged_ok(const Pending& pending, const StatusResponse& reply) {
  const Command& command = pending.command;
  if (bye && !std::holds_alternative<Logout>(command)) return;
  if (selected && reply.code.is(CodeKind::highest_modseq)) learn_code(reply.code, *selected);
  if (std::holds_alternative<Login>(command) || std::holds_alternative<Authenticate>(command)) {
    state = State::authenticated;
    fragmenter.set_limits(options.after_authentication);
    parser.set_limits(options.after_authentication);
    if (const auto* offered = std::get_if<Capabilities>(&reply.code.value)) {
      learn(*offered);
    } else if (!capabilities_renewed) {
      capabilities = Capabilities();
    }
  } else if (const auto* select = std::get_if<Select>(&command)) {
    if (!opening) opening.emplace();
    opening->name = select->mailbox;
    opening->read_only =
        reply.code.is(CodeKind::read_only) || (select->read_only && !reply.code.is(CodeKind::read_write));
    selected = std::exchange(opening, std::nullopt);
    state = State::selected;
  } else if (std::holds_alternative<Unselect>(command) || std::holds_alternative<Close>(command)) {
    selected.reset();
    state = State::authenticated;
  } else if (std::holds_alternative<StartTls>(command)) {
    hand_over(pending.id, HandOver::To::tls);
  } else if (std::holds_alternative<CompressDeflate>(command)) {
    hand_over(pending.id, HandOver::To::deflate);
  } else if (std::holds_alternative<Logout>(command)) {
    state = State::closed;
    dead = true;
    push(Closed{});
  }
}

void Session::Impl::on_tagged_refusal(const Pending& pending) {
  if (std::holds_alternative<Select>(pending.command)) {
    // A SELECT that fails leaves no mailbox selected (RFC 9051 §6.3.2).
    selected.reset();
    opening.reset();
    if (state == State::selected) state = State::authenticated;
  } else if (std::holds_alternative<StartTls>(pending.command) && options.starttls_required) {
    die(Error(ErrorKind::security, "the server refused STARTTLS").remedy("use implicit TLS (port 993)"));
  }
}

void Session::Impl::on_continuation(const ContinuationRequest& request) {
  if (hold == Hold::go_ahead) return go_ahead();
  if (const Pending* auth = oldest<Authenticate>(); auth != nullptr && !challenge_open) {
    auto challenge = base64_decode(request.text);
    if (!challenge) return die(Error(challenge.error()).at("AUTHENTICATE"));
    challenge_open = true;
    return push(Continuation{auth->id, Continuation::For::sasl, std::move(*challenge)});
  }
  if (const Pending* idle = oldest<Idle>(); idle != nullptr && !idling) {
    idling = true;
    if (done_wanted) {
      write("DONE\r\n", false);
      done_sent = true;
    }
    return push(Continuation{idle->id, Continuation::For::idle, {}});
  }
  die(Error(ErrorKind::protocol, "a continuation that nothing waits for").server_text(request.text));
}

void Session::Impl::on_bye(StatusResponse status) {
  if (bye) return count_unsolicited();
  Bye event{status.text, std::nullopt};
  if (oldest<Logout>() == nullptr) {
    event.error = classify("BYE", CommandClass::session, Status::bye, status.code, status.text);
  }
  state = State::logout;
  bye = event;
  push(std::move(event));
}

void Session::Impl::hand_over(CommandId command, HandOver::To to) {
  awaiting_layer = to;
  push(HandOver{command, to});
}

void Session::Impl::handed_over() {
  if (dead || !awaiting_layer) return;
  const bool tls = std::exchange(awaiting_layer, std::nullopt) == HandOver::To::tls;
  if (tls) {
    // Nothing learnt in clear is believed (RFC 9051 §6.2.1).
    secure = true;
    capabilities = Capabilities();
    withdrawn = options.disabled;
    enabled.clear();
    asked_to_enable.clear();
    unsolicited = 0;
  }
  pump();
}

void Session::Impl::end_of_input() {
  if (dead) return;
  if (bye && !bye->error) {
    state = State::closed;
    dead = true;
    return push(Closed{});
  }
  if (bye) return die(std::move(*bye->error));
  const bool middle = !fragmenter.at_start();
  die(ErrorKind::transient,
      middle ? "the server closed the connection in the middle of a response" : "the server closed the connection");
}

void Session::Impl::die(Error error) {
  if (dead) return;
  dead = true;
  state = State::closed;
  push(Fatal{std::move(error)});
}

}  // namespace postern::imap
