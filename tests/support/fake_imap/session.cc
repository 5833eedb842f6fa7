#include "tests/support/fake_imap/session.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace postern::testing {
namespace {

struct LiteralMark {
  std::uint64_t size = 0;
  bool synchronising = true;
  std::size_t at = 0;  // of its brace
};

std::optional<LiteralMark> literal_mark(std::string_view line) {
  const auto brace = line.rfind('{');
  if (!line.ends_with('}') || brace == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(brace + 1, line.size() - brace - 2);
  LiteralMark mark{.synchronising = !digits.ends_with('+'), .at = brace};
  if (!mark.synchronising) digits.remove_suffix(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), mark.size);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return mark;
}

std::string with_tag(std::string text, const std::string& tag) {
  for (std::size_t at = 0; (at = text.find("$TAG", at)) != std::string::npos; at += tag.size())
    text.replace(at, 4, tag);
  return text;
}

}  // namespace

FakeSession::FakeSession(FakeImapServer& server, Scheduler& scheduler, std::unique_ptr<FaultyStream> stream,
                         FakeImapServer::Secure secure, std::size_t id, const ConnectionFaults& faults)
    : server_(server),
      scheduler_(scheduler),
      stream_(std::move(stream)),
      secure_(std::move(secure)),
      id_(id),
      faults_(faults),
      chunk_(64 * 1024),
      changed_(std::make_shared<Event>(scheduler)) {}

FakeSession::~FakeSession() {
  const std::lock_guard lock(server_.mutex_);
  server_.idlers_.erase(id_);
  server_.streams_.erase(id_);
}

Task<void> FakeSession::run() {
  if (faults_.silent) {
    while (co_await read_more()) in_.clear();
    co_return;
  }
  {
    const std::lock_guard lock(server_.mutex_);
    if (server_.options_.preauth) state_ = State::authenticated;
    if (faults_.greeting) {
      out_ += *faults_.greeting;
    } else {
      untagged((server_.options_.preauth ? "PREAUTH [CAPABILITY " : "OK [CAPABILITY ") + capabilities() +
               "] fake ready");
    }
  }
  while (state_ != State::ended && co_await flush()) {
    std::optional<FakeCommand> command = co_await read_command();
    if (!command) break;
    co_await execute(std::move(*command));
  }
  if (!out_.empty()) co_await flush();  // the last words of LOGOUT
  hang_up();
}

void FakeSession::hang_up() {
  state_ = State::ended;
  stream_->close();
}

Task<bool> FakeSession::flush() {
  const std::string octets = std::exchange(out_, {});
  if (octets.empty()) co_return true;
  const Result<void> written = co_await stream_->write_all(octets, Wait{});
  if (!written) state_ = State::ended;
  co_return written.has_value();
}

Task<bool> FakeSession::read_more() {
  const Result<std::size_t> n = co_await stream_->read_some(chunk_, Wait{});
  if (!n || *n == 0) {
    state_ = State::ended;
    co_return false;
  }
  in_.append(chunk_.data(), *n);
  co_return true;
}

Task<std::optional<std::string>> FakeSession::read_line() {
  for (std::size_t searched = 0;;) {
    const auto end = in_.find("\r\n", searched);
    if (end != std::string::npos) {
      std::string line = in_.substr(0, end);
      in_.erase(0, end + 2);
      co_return line;
    }
    searched = in_.empty() ? 0 : in_.size() - 1;
    const bool more = co_await read_more();
    if (!more) co_return std::nullopt;
  }
}

Task<std::optional<FakeCommand>> FakeSession::read_command() {
  FakeCommand command;
  for (std::size_t literals = 0;; ++literals) {
    const std::optional<std::string> line = co_await read_line();
    if (!line) co_return std::nullopt;
    if (literals == 0) {
      const auto space = line->find(' ');
      command.tag = line->substr(0, space);
      command.text = space == std::string::npos ? "" : line->substr(space + 1);
      if (ascii_istarts_with(command.text, "APPEND ")) {
        const std::lock_guard lock(server_.mutex_);
        if (!server_.append_faults_.empty()) {
          command.append_fault = server_.append_faults_.front();
          server_.append_faults_.pop_front();
        }
      }
    } else {
      command.text += *line;
    }
    if (!literal_mark(*line)) break;
    const bool whole = co_await read_literal(command, *line, literals);
    if (!whole) co_return std::nullopt;
    if (command.tag.empty()) {  // refused: the next command starts afresh
      const bool written = co_await flush();
      if (!written) co_return std::nullopt;
      command = FakeCommand{};
      literals = static_cast<std::size_t>(-1);
    }
  }
  try {
    command.args = parse_imap_values(command.text);
  } catch (const std::runtime_error&) {
    command.args.clear();
  }
  if (!command.args.empty()) {
    command.name = ascii_upper(command.args.front().text);
    command.args.erase(command.args.begin());
    if (command.name == "UID" && !command.args.empty()) {
      command.name += " " + ascii_upper(command.args.front().text);
      command.args.erase(command.args.begin());
    }
  }
  co_return command;
}

/// Reads the literal announced at the end of `line` into the command's text; false when the connection is over. An
/// empty tag in the command afterwards says that it has been refused already.
Task<bool> FakeSession::read_literal(FakeCommand& command, std::string_view line, std::size_t number) {
  const LiteralMark mark = *literal_mark(line);
  using What = AppendFault::What;
  const std::optional<AppendFault>& fault = command.append_fault;
  const bool faulty = fault && fault->literal == number;
  if (faulty && fault->what == What::cut_before_literal) {
    record(command);
    hang_up();
    co_return false;
  }
  bool refused = faulty && fault->what == What::refuse_early;
  std::string refusal = refused ? fault->text : "";
  {
    const std::lock_guard lock(server_.mutex_);
    if (!mark.synchronising && !offers("LITERAL+") && !(offers("LITERAL-") && mark.size <= 4096)) {
      untagged("BYE non-synchronising literal not allowed");
      server_.violations_.push_back(std::string(line));
      refused = false;
      state_ = State::ended;
    }
  }
  if (state_ == State::ended) {
    co_await flush();
    co_return false;
  }
  if (refused) {
    record(command);
    tagged(command, refusal);
  } else if (mark.synchronising) {
    out_ += "+ go ahead\r\n";
  }
  const bool written = co_await flush();
  if (!written) co_return false;
  if (refused && mark.synchronising) {
    command.tag.clear();
    co_return true;
  }
  const std::uint64_t wanted =
      faulty && fault->what == What::cut_in_literal ? std::min(fault->octets, mark.size) : mark.size;
  while (in_.size() < wanted) {
    const bool more = co_await read_more();
    if (!more) co_return false;
  }
  if (faulty && fault->what == What::cut_in_literal) {
    record(command);
    hang_up();
    co_return false;
  }
  command.text.append("\r\n").append(in_, 0, static_cast<std::size_t>(mark.size));
  in_.erase(0, static_cast<std::size_t>(mark.size));
  if (refused) {  // its octets came all the same; what is left of the command is thrown away, too
    co_await read_line();
    command.tag.clear();
  }
  co_return true;
}

void FakeSession::record(const FakeCommand& command) {
  std::string text;
  for (std::string_view rest = command.text; !rest.empty();) {  // literals are cut to their size
    const auto end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    text += line;
    const auto mark = literal_mark(line);
    if (end == std::string_view::npos || !mark) break;
    rest.remove_prefix(std::min<std::size_t>(rest.size(), end + 2 + static_cast<std::size_t>(mark->size)));
  }
  const std::lock_guard lock(server_.mutex_);
  server_.commands_.push_back(std::move(text));
}

std::optional<Rule> FakeSession::take_rule(const FakeCommand& command) {
  const std::lock_guard lock(server_.mutex_);
  for (auto rule = server_.rules_.begin(); rule != server_.rules_.end(); ++rule) {
    if (!ascii_istarts_with(command.text, rule->command)) continue;
    if (rule->skip > 0) {
      --rule->skip;
      continue;
    }
    Rule taken = *rule;
    if (rule->times > 0 && --rule->times == 0) server_.rules_.erase(rule);
    return taken;
  }
  return std::nullopt;
}

/// A test wants the connection to end here.
bool FakeSession::interrupted(const std::string& command, bool done) {
  static const std::set<std::string> changing{"APPEND",    "CREATE",   "DELETE",   "RENAME",     "SUBSCRIBE",
                                              "STORE",     "COPY",     "MOVE",     "EXPUNGE",    "UNSUBSCRIBE",
                                              "UID STORE", "UID COPY", "UID MOVE", "UID EXPUNGE"};
  FakeImapServer::Interrupt interrupt;
  {
    const std::lock_guard lock(server_.mutex_);
    interrupt = server_.interrupt_;
  }
  if (!interrupt || !changing.contains(command) || !interrupt(command, done)) return false;
  out_.clear();
  hang_up();
  return true;
}

Task<void> FakeSession::execute(FakeCommand command) {
  record(command);
  const std::string name = command.name;
  if (interrupted(name, false)) co_return;
  const std::optional<Rule> rule = take_rule(command);
  const std::string tag = command.tag;
  if (rule) out_ += with_tag(rule->before, tag);
  if (rule && rule->instead) {
    out_ += with_tag(*rule->instead, tag);
  } else {
    co_await answer(std::move(command));
  }
  if (interrupted(name, true) || !rule) co_return;
  out_ += with_tag(rule->after, tag);
  if (!rule->cut) co_return;
  co_await flush();
  hang_up();
}

Task<void> FakeSession::answer(FakeCommand command) {
  bool allowed = false;
  {
    const std::lock_guard lock(server_.mutex_);
    static const std::set<std::string> by_number{"FETCH", "STORE", "SEARCH", "COPY", "MOVE"};
    const bool numbers = uid_only_ && by_number.contains(command.name);
    allowed = permitted(command) && !numbers;
    if (!allowed) bad(command, numbers ? "[UIDREQUIRED] message numbers under UIDONLY" : "not now");
    if (allowed && answer_at_once(command)) co_return;
  }
  if (!allowed) co_return;
  if (command.name == "AUTHENTICATE") co_return co_await on_authenticate(std::move(command));
  if (command.name == "STARTTLS") co_return co_await on_starttls(std::move(command));
  if (command.name == "IDLE") co_return co_await on_idle(std::move(command));
  if (command.name == "APPEND") co_return co_await on_append(std::move(command));
  if (command.name == "FETCH") co_return co_await on_fetch(std::move(command), false);
  if (command.name == "UID FETCH") co_return co_await on_fetch(std::move(command), true);
  const std::lock_guard lock(server_.mutex_);
  bad(command, "unknown command");
}

/// With the lock held. False: this command is none of those that are answered without a wait.
bool FakeSession::answer_at_once(const FakeCommand& command) try {
  const std::string& name = command.name;
  if (name == "CAPABILITY") {
    untagged("CAPABILITY " + capabilities());
    ok(command);
  } else if (name == "NOOP" || name == "CHECK") {
    tell_changes(true);
    ok(command);
  } else if (name == "ID") {
    untagged("ID (\"name\" \"fake\")");
    ok(command);
  } else if (name == "LOGOUT") {
    untagged("BYE until next time");
    ok(command);
    state_ = State::ended;
  } else if (name == "LOGIN")
    on_login(command);
  else if (name == "ENABLE")
    on_enable(command);
  else if (name == "NAMESPACE")
    on_namespace(command);
  else if (name == "LIST")
    on_list(command);
  else if (name == "LSUB")
    on_lsub(command);
  else if (name == "STATUS")
    on_status(command);
  else if (name == "GETQUOTAROOT")
    on_get_quota_root(command);
  else if (name == "CREATE")
    on_create(command);
  else if (name == "DELETE")
    on_delete(command);
  else if (name == "RENAME")
    on_rename(command);
  else if (name == "SUBSCRIBE")
    on_subscribe(command, true);
  else if (name == "UNSUBSCRIBE")
    on_subscribe(command, false);
  else if (name == "SELECT")
    on_select(command, false);
  else if (name == "EXAMINE")
    on_select(command, true);
  else if (name == "UNSELECT" || name == "CLOSE")
    on_unselect(command);
  else if (name == "STORE")
    on_store(command, false);
  else if (name == "UID STORE")
    on_store(command, true);
  else if (name == "SEARCH")
    on_search(command, false);
  else if (name == "UID SEARCH")
    on_search(command, true);
  else if (name == "EXPUNGE")
    on_expunge(command, false);
  else if (name == "UID EXPUNGE")
    on_expunge(command, true);
  else if (name == "COPY")
    on_copy(command, false, false);
  else if (name == "UID COPY")
    on_copy(command, true, false);
  else if (name == "MOVE")
    on_copy(command, false, true);
  else if (name == "UID MOVE")
    on_copy(command, true, true);
  else
    return false;
  return true;
} catch (const std::exception& problem) {  // too few arguments, not modified UTF-7 …
  bad(command, problem.what());
  return true;
}

void FakeSession::ok(const FakeCommand& command, std::string_view code) {
  tagged(command, "OK " + (code.empty() ? "" : "[" + std::string(code) + "] ") + command.name + " completed");
}

void FakeSession::bad(const FakeCommand& command, std::string_view why) {
  server_.violations_.push_back(command.text.substr(0, 200) + ": " + std::string(why));
  tagged(command, "BAD " + std::string(why));
}

bool FakeSession::offers(const std::string& capability) const {
  return server_.options_.capabilities.contains(capability);
}

std::optional<std::size_t> FakeSession::message_limit() const {
  constexpr std::string_view kName = "MESSAGELIMIT=";
  const auto found = server_.options_.capabilities.lower_bound(std::string(kName));
  if (found == server_.options_.capabilities.end() || !found->starts_with(kName)) return std::nullopt;
  return std::stoul(found->substr(kName.size()));
}

std::string FakeSession::cut_to_limit(std::vector<std::uint32_t>& uids) const {
  const auto limit = message_limit();
  if (!limit || uids.size() <= *limit) return {};
  uids.erase(uids.begin(), uids.end() - static_cast<std::ptrdiff_t>(*limit));
  return "MESSAGELIMIT " + std::to_string(*limit) + " " + std::to_string(uids.front());
}

std::string FakeSession::fetch_head(std::size_t position, std::uint32_t uid) const {
  return uid_only_ ? "UIDFETCH " + std::to_string(uid) + " (" : std::to_string(position + 1) + " FETCH (";
}

bool FakeSession::permitted(const FakeCommand& command) const {
  static const std::set<std::string> anytime{"CAPABILITY", "NOOP", "LOGOUT", "ID"};
  static const std::set<std::string> before{"LOGIN", "AUTHENTICATE", "STARTTLS"};
  static const std::set<std::string> mailbox{"CHECK",     "CLOSE",      "UNSELECT", "EXPUNGE",   "UID EXPUNGE",
                                             "SEARCH",    "UID SEARCH", "FETCH",    "UID FETCH", "STORE",
                                             "UID STORE", "COPY",       "UID COPY", "MOVE",      "UID MOVE"};
  if (anytime.contains(command.name)) return true;
  if (before.contains(command.name)) return state_ == State::greeted;
  if (mailbox.contains(command.name)) return state_ == State::selected;
  return state_ == State::authenticated || state_ == State::selected;
}

}  // namespace postern::testing
