#include "tests/support/fake_imap/fake_imap_server.h"

#include <algorithm>
#include <stdexcept>

#include "tests/support/fake_imap/faulty_stream.h"
#include "tests/support/fake_imap/session.h"
#include "tests/support/mail/names.h"

namespace postern::testing {

std::set<std::string> FakeImapOptions::everything() {
  return {"IMAP4rev1", "LITERAL+", "UIDPLUS",       "MULTIAPPEND", "CONDSTORE",
          "QRESYNC",   "ESEARCH",  "LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE",
          "NAMESPACE", "MOVE",     "ENABLE",        "IDLE",        "UNSELECT",
          "ID",        "SASL-IR",  "AUTH=PLAIN",    "STARTTLS",    "AUTH=SCRAM-SHA-256",
          "OBJECTID"};
}

FakeImapServer::FakeImapServer(FakeImapOptions options) : options_(std::move(options)) {}
FakeImapServer::~FakeImapServer() = default;

Task<void> FakeImapServer::serve(Scheduler& scheduler, std::unique_ptr<Stream> stream, Secure secure) {
  ConnectionFaults faults;
  std::size_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++connections_;
    if (!connection_faults_.empty()) {
      faults = connection_faults_.front();
      connection_faults_.pop_front();
    }
  }
  auto faulty = std::make_unique<FaultyStream>(scheduler, std::move(stream), faults);
  {
    const std::lock_guard lock(mutex_);
    streams_[id] = faulty.get();
  }
  FakeSession session(*this, scheduler, std::move(faulty), std::move(secure), id, faults);
  co_await session.run();
}

void FakeImapServer::interrupt_when(Interrupt interrupt) {
  const std::lock_guard lock(mutex_);
  interrupt_ = std::move(interrupt);
}

void FakeImapServer::hang_up_all() {
  std::vector<Stream*> streams;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, stream] : streams_) streams.push_back(stream);
  }
  for (Stream* stream : streams) stream->close();
}

std::string FakeImapServer::wire(std::string_view utf8) const {
  std::string name = to_wire_name(utf8);
  std::replace(name.begin(), name.end(), '/', options_.delimiter);
  return name;
}

FakeMailbox& FakeImapServer::mailbox(std::string_view utf8) {
  FakeMailbox* found = account_.find(wire(utf8));
  if (found == nullptr) throw std::runtime_error("the fake has no mailbox " + std::string(utf8));
  return *found;
}

void FakeImapServer::notify() {
  for (const auto& [id, wake] : idlers_) wake();
}

std::uint32_t FakeImapServer::append(std::string_view name, ByteView octets, const std::vector<std::string>& flags,
                                     std::int64_t unix_seconds, int zone_minutes) {
  const std::lock_guard lock(mutex_);
  const std::uint32_t uid = mailbox(name).add({.octets = std::make_shared<Bytes>(octets),
                                               .flags = {flags.begin(), flags.end()},
                                               .unix_seconds = unix_seconds,
                                               .zone_minutes = zone_minutes});
  notify();
  return uid;
}

std::uint32_t FakeImapServer::append(std::string_view name, const GeneratedMail& mail) {
  return append(name, mail.octets, mail.flags, mail.unix_seconds, mail.zone_minutes);
}

void FakeImapServer::store(std::string_view name, std::uint32_t uid, std::string_view change,
                           const std::vector<std::string>& flags) {
  const std::lock_guard lock(mutex_);
  FakeMailbox& box = mailbox(name);
  FakeMessage* message = box.find(uid);
  if (message == nullptr) throw std::runtime_error("the fake has no UID " + std::to_string(uid));
  if (change == "FLAGS") message->flags.clear();
  for (const std::string& flag : flags) {
    change == "-FLAGS" ? static_cast<void>(message->flags.erase(flag)) : static_cast<void>(message->flags.insert(flag));
  }
  box.touch(*message);
  notify();
}

void FakeImapServer::expunge(std::string_view name, const std::set<std::uint32_t>& uids) {
  const std::lock_guard lock(mutex_);
  mailbox(name).expunge(uids);
  notify();
}

std::uint32_t FakeImapServer::copy(std::string_view from, std::uint32_t uid, std::string_view to) {
  const std::lock_guard lock(mutex_);
  const FakeMessage* message = mailbox(from).find(uid);
  if (message == nullptr) throw std::runtime_error("the fake has no UID " + std::to_string(uid));
  const std::uint32_t there = mailbox(to).add(FakeMessage(*message));
  notify();
  return there;
}

void FakeImapServer::create(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (account_.create(wire(name)) == nullptr) throw std::runtime_error("exists: " + std::string(name));
}

void FakeImapServer::remove(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (!account_.remove(wire(name))) throw std::runtime_error("no such mailbox: " + std::string(name));
}

void FakeImapServer::rename(std::string_view from, std::string_view to) {
  const std::lock_guard lock(mutex_);
  if (!account_.rename(wire(from), wire(to), options_.delimiter))
    throw std::runtime_error("cannot rename " + std::string(from));
}

void FakeImapServer::subscribe(std::string_view name) {
  const std::lock_guard lock(mutex_);
  mailbox(name).subscribed = true;
}

void FakeImapServer::change_uidvalidity(std::string_view name, std::uint32_t uidvalidity) {
  const std::lock_guard lock(mutex_);
  FakeMailbox& old = mailbox(name);
  FakeMailbox fresh(uidvalidity);
  for (FakeMessage& message : old.messages) fresh.add(std::move(message));
  fresh.attributes = old.attributes;
  fresh.subscribed = old.subscribed;
  fresh.mailbox_id = old.mailbox_id;
  old = std::move(fresh);
}

ServerState FakeImapServer::state() const {
  const std::lock_guard lock(mutex_);
  return account_.state(options_.delimiter);
}

FakeImapServer::Mark FakeImapServer::mark() const {
  const std::lock_guard lock(mutex_);
  return commands_.size();
}

std::vector<std::string> FakeImapServer::commands_since(Mark mark) const {
  const std::lock_guard lock(mutex_);
  return {commands_.begin() + static_cast<std::ptrdiff_t>(mark), commands_.end()};
}

std::size_t FakeImapServer::commands_since(Mark mark, std::string_view prefix) const {
  const std::vector<std::string> commands = commands_since(mark);
  return static_cast<std::size_t>(std::count_if(commands.begin(), commands.end(), [&](const std::string& command) {
    return ascii_istarts_with(command, prefix);
  }));
}

std::vector<std::string> FakeImapServer::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

std::size_t FakeImapServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void FakeImapServer::offer(const std::set<std::string>& capabilities) {
  const std::lock_guard lock(mutex_);
  options_.capabilities.insert(capabilities.begin(), capabilities.end());
}

void FakeImapServer::withdraw(const std::set<std::string>& capabilities) {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : capabilities) options_.capabilities.erase(name);
}

void FakeImapServer::next_connection(ConnectionFaults faults) {
  const std::lock_guard lock(mutex_);
  connection_faults_.push_back(std::move(faults));
}

void FakeImapServer::next_append(AppendFault fault) {
  const std::lock_guard lock(mutex_);
  append_faults_.push_back(std::move(fault));
}

void FakeImapServer::clear_rules() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

void FakeImapServer::rule(Rule rule) {
  const std::lock_guard lock(mutex_);
  rules_.push_back(std::move(rule));
}

void FakeImapServer::lie(const std::function<void(Lies&)>& change) {
  const std::lock_guard lock(mutex_);
  change(lies_);
}

void FakeImapServer::with_account(const std::function<void(FakeAccount&)>& change) {
  const std::lock_guard lock(mutex_);
  change(account_);
  notify();
}

}  // namespace postern::testing
