#pragma once

// Inside of session.h: included by session*.cc alone.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/imap/error_class.h"
#include "core/protocol/imap/fragmenter.h"
#include "core/protocol/imap/response_parser.h"
#include "core/protocol/imap/session.h"

namespace postern::imap {

struct Session::Impl {
  explicit Impl(SessionOptions given);

  /// A command from enqueue() to its tagged reply.
  struct Pending {
    CommandId id;
    std::string tag;
    Command command;
    EncodedCommand encoded;
    LiteralForm form = LiteralForm::synchronising;
    bool utf8 = false;
    std::size_t segment = 0;  // being written
    std::size_t bodies = 0;   // BodyWanted events given
    std::uint64_t end = 0;    // position of its last octet in all output; 0: not produced yet
    bool written() const { return end != 0; }
  };
  /// What the command being written waits for.
  enum class Hold : std::uint8_t { none, go_ahead, body };

  // --- session.cc: commands and output
  Result<CommandId> enqueue(Command command);
  Result<void> may_enqueue(const Command& command) const;
  LiteralForm literal_form() const;
  bool utf8() const;
  bool uid_only() const;  // ENABLED said UIDONLY (RFC 9586)
  std::string next_tag();
  void pump();
  bool blocked() const;
  void write_segments(Pending& pending);
  void go_ahead();
  void finish_body();
  void write(ByteView octets, bool secret);
  void consume(std::size_t count);
  Result<void> misuse(std::string_view what);

  // --- session_input.cc: fragments to events
  std::optional<Event> next_event();
  void read_fragment(Fragmenter::Fragment fragment);
  void on_literal(const Fragmenter::Announced& announced);
  void on_long_line(ByteView octets);
  void on_piece(const Fragmenter::LiteralPiece& piece);
  void on_response(Response response);
  void on_greeting(const Response& response);
  void on_tagged(StatusResponse reply);
  void on_tagged_ok(const Pending& pending, const StatusResponse& reply);
  void on_tagged_refusal(const Pending& pending);
  void on_continuation(const ContinuationRequest& request);
  void on_bye(StatusResponse bye);
  void hand_over(CommandId command, HandOver::To to);
  void handed_over();
  void end_of_input();
  void die(Error error);
  void die(ErrorKind kind, std::string what) { die(Error(kind, std::move(what))); }
  void push(Event event) { events.push_back(std::move(event)); }

  // --- session_data.cc: untagged data, whose it is and what it changes
  void on_data(Response response);
  void on_status(StatusResponse status);
  void on_fetch(FetchData data);
  void on_exists(std::uint32_t messages);
  void on_expunge(std::uint32_t seq);
  void on_vanished(VanishedData data);
  void on_search(SearchData data);
  void on_enabled(EnabledData data);
  void deliver(CommandId command, Response data);
  void learn(Capabilities learnt);
  void learn_code(const ResponseCode& code, SelectedMailbox& mailbox) const;
  /// False after a fatal contradiction. May blank a code that has no business here.
  bool check_code(ResponseCode& code, const Pending* pending, Status status);
  bool check_uid_code(const ResponseCode& code, const Pending* pending, Status status);
  /// The mailbox that untagged data speaks of now; null when there is none.
  SelectedMailbox* current_mailbox();
  /// The SELECT that is being answered; null when none is.
  const Pending* selecting() const;
  CommandId owner_of_fetch(std::optional<Uid> uid, bool body) const;
  void count_unsolicited();
  template <class Kind>
  const Pending* oldest() const {
    for (const Pending& each : flying) {
      if (std::holds_alternative<Kind>(each.command)) return &each;
    }
    return nullptr;
  }

  const SessionOptions options;
  QuirkCounts quirks;
  Fragmenter fragmenter;
  ResponseParser parser;

  State state = State::greeting;
  bool secure;
  bool dead = false;
  std::optional<Bye> bye;
  std::optional<HandOver::To> awaiting_layer;
  Capabilities capabilities;
  std::vector<std::string> withdrawn;  // options.disabled, and what the server turned out not to have
  bool capabilities_renewed = false;   // CAPABILITY data came since the authentication command was sent
  std::vector<std::string> asked_to_enable;
  std::vector<std::string> enabled;
  std::optional<SelectedMailbox> selected;
  std::optional<SelectedMailbox> opening;
  std::uint64_t unsolicited = 0;

  std::deque<Pending> waiting;
  std::deque<Pending> flying;
  std::uint64_t commands = 0;
  Hold hold = Hold::none;  // of flying.back()
  std::uint64_t body_left = 0;
  std::optional<StatusResponse> early_refusal;  // came while its command's body was still being written
  bool challenge_open = false;                  // a SASL challenge waits for respond()
  bool idling = false;
  bool done_wanted = false;
  bool done_sent = false;

  Bytes out;
  std::size_t out_taken = 0;
  bool out_secret = false;
  std::uint64_t produced = 0;
  std::uint64_t consumed = 0;

  struct Body {
    CommandId command;
    bool wanted = false;
    std::string section;
    std::uint64_t size = 0;
  };
  Body body;                                              // of the FETCH being read
  std::deque<std::pair<std::string, Bytes>> kept_bodies;  // what LiteralChunks of strings point at
  std::deque<Event> events;
};

}  // namespace postern::imap
