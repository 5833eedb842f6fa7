#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "tests/support/mail/server_state.h"
#include "tests/support/plain_imap/blocking_socket.h"

namespace postern::testing {

enum class PlainTls : std::uint8_t { none, starttls, implicit };

/// One logged-in connection. Mailbox names are UTF-8 with the server's delimiter.
class PlainImap {
 public:
  struct Login {
    std::uint16_t port = 0;
    std::string user, password;
    PlainTls tls = PlainTls::none;
  };
  explicit PlainImap(const Login& login);

  // What a user does. UIDs and not sequence numbers, everywhere.
  /// The new message's UID; 0 when the server does not say. `date` is a date-time without quotes; empty: now.
  std::uint32_t append(std::string_view mailbox, ByteView octets, const std::vector<std::string>& flags = {},
                       std::string_view date = {});
  struct Upload {
    ByteView octets;
    std::vector<std::string> flags = {};
    std::string date = {};
  };
  /// As MULTIAPPENDs of up to 100, which is what makes big fixtures quick.
  void append_all(std::string_view mailbox, const std::vector<Upload>& uploads);
  /// `change` is "+FLAGS", "-FLAGS" or "FLAGS"; `uids` a sequence set.
  void store(std::string_view mailbox, std::string_view uids, std::string_view change,
             const std::vector<std::string>& flags);
  /// Marks these \Deleted and expunges them, and no others.
  void expunge(std::string_view mailbox, std::string_view uids);
  void move(std::string_view mailbox, std::string_view uids, std::string_view to);
  void create(std::string_view mailbox);
  void remove(std::string_view mailbox);
  void rename(std::string_view from, std::string_view to);
  void subscribe(std::string_view mailbox);

  // What a witness sees.
  /// Selectable mailboxes, ascending.
  std::vector<std::string> mailboxes();
  std::vector<std::string> subscriptions();
  /// Opens every mailbox read-only and downloads every message.
  ServerState state();
  StoredMailbox state(std::string_view mailbox);
  /// The octets of one message.
  Bytes fetch(std::string_view mailbox, std::uint32_t uid);

  /// The ceiling: EXAMINEs and fetches everything with one command, counts it, keeps nothing.
  struct Drained {
    std::uint64_t messages = 0, octets = 0;
  };
  Drained drain(std::string_view mailbox);
  /// The same over many mailboxes, or parts of them, without a pause between them: `next` gives the next command, or
  /// nothing when there is none left; some are always on their way while the answers to earlier ones come.
  Drained drain(const std::function<std::optional<std::string>()>& next);

  /// Sends one command, gives every untagged response to `untagged` and returns the tagged one's text. NO, BAD and BYE
  /// throw.
  std::string command(std::string_view text, const std::function<void(const std::string&)>& untagged = {});

 private:
  struct Step {
    std::string line;  // sent with CRLF
    ByteView literal;  // sent after the server's "+", which is awaited unless this is the last step
  };
  std::string run(const std::vector<Step>& steps, const std::function<void(const std::string&)>& untagged);
  std::string read_response();
  void read_more();
  void forget_used();
  void open(std::string_view mailbox, std::string_view verb);
  void skip(std::size_t octets);

  BlockingSocket socket_;
  std::vector<char> chunk_;
  std::string buffer_;
  std::size_t at_ = 0;  // buffer_ is used up to here
  int tags_ = 0;
};

}  // namespace postern::testing
