#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/io/event.h"
#include "core/io/scheduler.h"
#include "core/io/task.h"
#include "tests/support/fake_imap/fake_imap_server.h"
#include "tests/support/fake_imap/faulty_stream.h"
#include "tests/support/plain_imap/imap_value.h"

namespace postern::testing {

/// A client's command, read to its end.
struct FakeCommand {
  std::string tag;
  std::string name;             // upper case; "UID FETCH" is one name
  std::string text;             // behind the tag, literals in place
  std::vector<ImapValue> args;  // behind the name
  std::optional<AppendFault> append_fault;
};

/// One connection of the fake. Everything it shares with others is the server's, under the server's lock, which is
/// never held across an await.
class FakeSession {
 public:
  FakeSession(FakeImapServer& server, Scheduler& scheduler, std::unique_ptr<FaultyStream> stream,
              FakeImapServer::Secure secure, std::size_t id, const ConnectionFaults& faults);
  ~FakeSession();
  Task<void> run();

 private:
  enum class State : std::uint8_t { greeted, authenticated, selected, ended };

  // session.cc: octets, commands, rules
  Task<bool> flush();
  Task<bool> read_more();
  Task<std::optional<std::string>> read_line();
  Task<std::optional<FakeCommand>> read_command();
  Task<bool> read_literal(FakeCommand& command, std::string_view line, std::size_t number);
  Task<void> execute(FakeCommand command);
  bool interrupted(const std::string& command, bool done);
  std::optional<Rule> take_rule(const FakeCommand& command);
  Task<void> answer(FakeCommand command);
  bool answer_at_once(const FakeCommand& command);
  void record(const FakeCommand& command);
  void hang_up();

  void untagged(std::string_view text) { out_.append("* ").append(text).append("\r\n"); }
  void tagged(const FakeCommand& command, std::string_view text) {
    out_.append(command.tag).append(" ").append(text).append("\r\n");
  }
  void ok(const FakeCommand& command, std::string_view code = {});
  void bad(const FakeCommand& command, std::string_view why);
  bool offers(const std::string& capability) const;
  /// MESSAGELIMIT=n (RFC 9738); none where it is not offered.
  std::optional<std::size_t> message_limit() const;
  /// Cuts ascending UIDs to the highest that the limit allows; what stands in the OK's brackets then, else "".
  std::string cut_to_limit(std::vector<std::uint32_t>& uids) const;
  /// "3 FETCH (", or "UIDFETCH 7 (" under UIDONLY.
  std::string fetch_head(std::size_t position, std::uint32_t uid) const;
  bool permitted(const FakeCommand& command) const;

  // authentication.cc
  std::string capabilities() const;
  void on_login(const FakeCommand& command);
  Task<void> on_authenticate(FakeCommand command);
  Task<std::optional<std::string>> challenge(std::string text);
  Task<bool> plain(std::optional<std::string> first);
  Task<bool> scram(std::optional<std::string> first);
  Task<void> on_starttls(FakeCommand command);
  void on_enable(const FakeCommand& command);

  // mailboxes.cc
  void on_list(const FakeCommand& command);
  void list_one(const std::string& name, const std::vector<std::string>& attributes, const ImapValue* status_items);
  void on_lsub(const FakeCommand& command);
  void on_status(const FakeCommand& command);
  std::string status_of(const std::string& name, FakeMailbox& mailbox, const std::vector<ImapValue>& items) const;
  void on_namespace(const FakeCommand& command);
  void on_get_quota_root(const FakeCommand& command);
  void on_create(const FakeCommand& command);
  void on_delete(const FakeCommand& command);
  void on_rename(const FakeCommand& command);
  void on_subscribe(const FakeCommand& command, bool subscribed);

  // select.cc
  void on_select(const FakeCommand& command, bool read_only);
  void on_unselect(const FakeCommand& command);
  void resync(FakeMailbox& mailbox, const std::vector<ImapValue>& parameters);
  void tell_changes(bool expunges);
  Task<void> on_idle(FakeCommand command);
  Task<bool> tell_and_flush();
  FakeMailbox* selected();
  std::vector<std::size_t> positions(std::string_view set, bool by_uid) const;

  // messages.cc, fetch.cc
  Task<void> on_fetch(FakeCommand command, bool by_uid);
  std::string keep_within_limit(std::vector<std::size_t>& wanted, const std::string& page) const;
  bool fetch_one(std::size_t position, const std::vector<ImapValue>& items);
  void on_store(const FakeCommand& command, bool by_uid);
  void on_search(const FakeCommand& command, bool by_uid);
  void on_expunge(const FakeCommand& command, bool by_uid);
  void on_copy(const FakeCommand& command, bool by_uid, bool move);

  // append.cc
  Task<void> on_append(FakeCommand command);
  static std::vector<FakeMessage> mail_of(const FakeCommand& command);

  FakeImapServer& server_;
  Scheduler& scheduler_;
  std::unique_ptr<FaultyStream> stream_;
  FakeImapServer::Secure secure_;
  const std::size_t id_;
  const ConnectionFaults faults_;
  std::string in_, out_;
  std::vector<char> chunk_;
  bool on_tls_ = false;

  State state_ = State::greeted;
  bool condstore_ = false, qresync_ = false, uid_only_ = false;
  std::string selected_;  // wire name
  bool read_only_ = false;
  std::vector<std::uint32_t> view_;  // UIDs by message sequence number - 1, as told to the client
  std::uint64_t told_modseq_ = 0;    // changes up to here have been told
  std::shared_ptr<Event> changed_;   // for IDLE
};

/// What stands in a response for a mailbox name or any string: quoted, or a literal.
std::string imap_string(std::string_view octets);
/// "1:3,7" of ascending numbers.
std::string imap_set(const std::vector<std::uint32_t>& numbers);
/// Whether `number` is in the set; "*" stands for `star`, and a range with it includes `star` whatever the other end.
bool in_imap_set(std::string_view set, std::uint32_t number, std::uint32_t star);
std::string flag_list(const FakeFlags& flags);
/// Of ascending UIDs those at the places "1:500" or "-1:-500" (RFC 9394).
std::vector<std::uint32_t> page_of(const std::vector<std::uint32_t>& uids, const std::string& range);

}  // namespace postern::testing
