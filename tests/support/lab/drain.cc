#include "tests/support/lab/drain.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/mail/names.h"
#include "tests/support/plain_imap/imap_value.h"

namespace postern::testing {
namespace {

struct Part {
  std::string mailbox;                // UTF-8
  std::uint64_t first = 1, last = 0;  // UIDs; last 0: to the end
};

std::vector<Part> whole_mailboxes(PlainImap& client) {
  std::vector<Part> parts;
  for (const std::string& mailbox : client.mailboxes()) parts.push_back({mailbox});
  return parts;
}

/// Mailboxes with messages, cut up, the largest first so that none is left over at the end.
std::vector<Part> parts_of_mailboxes(PlainImap& client) {
  constexpr std::uint64_t kUids = 1'000;
  std::vector<std::pair<std::uint64_t, std::string>> mailboxes;
  client.command("LIST \"\" * RETURN (STATUS (MESSAGES UIDNEXT))", [&](const std::string& response) {
    if (!response.starts_with("* STATUS ")) return;
    const std::vector<ImapValue> values = parse_imap_values(response);
    const auto stated = [&](const char* item) { return std::stoull(value_of(values.at(3).items, item).text); };
    if (stated("MESSAGES") > 0) mailboxes.emplace_back(stated("UIDNEXT"), from_wire_name(values.at(2).text));
  });
  std::sort(mailboxes.rbegin(), mailboxes.rend());
  std::vector<Part> parts;
  for (const auto& [uidnext, mailbox] : mailboxes) {
    for (std::uint64_t first = 1; first < uidnext; first += kUids) {
      parts.push_back({mailbox, first, std::min(first + kUids, uidnext) - 1});
    }
  }
  return parts;
}

/// Hands the parts out to connections on any thread.
class Parts {
 public:
  explicit Parts(std::vector<Part> parts) : parts_(std::move(parts)) {}

  std::optional<Part> take() {
    const std::lock_guard lock(mutex_);
    if (taken_ == parts_.size()) return std::nullopt;
    return parts_[taken_++];
  }

 private:
  std::mutex mutex_;
  const std::vector<Part> parts_;
  std::size_t taken_ = 0;
};

PlainImap::Drained drain_parts(PlainImap& client, Parts& parts) {
  std::string open;
  std::optional<std::string> fetch;
  return client.drain([&]() -> std::optional<std::string> {
    if (fetch) return std::exchange(fetch, std::nullopt);
    const auto part = parts.take();
    if (!part) return std::nullopt;
    fetch = fmt::format("UID FETCH {}:{} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])", part->first,
                        part->last == 0 ? "*" : std::to_string(part->last));
    if (part->mailbox == open) return std::exchange(fetch, std::nullopt);
    open = part->mailbox;
    return "EXAMINE " + imap_quoted(to_wire_name(open));
  });
}

}  // namespace

PlainImap::Drained drain_account(const PlainImap::Login& login, std::size_t connections) {
  PlainImap first(login);
  Parts parts(connections == 1 ? whole_mailboxes(first) : parts_of_mailboxes(first));
  PlainImap::Drained total;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&](PlainImap* client) {
    try {
      std::optional<PlainImap> own;
      const PlainImap::Drained drained = drain_parts(client != nullptr ? *client : own.emplace(login), parts);
      const std::lock_guard lock(mutex);
      total.messages += drained.messages;
      total.octets += drained.octets;
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  };
  std::vector<std::jthread> others;
  for (std::size_t i = 1; i < connections; ++i) others.emplace_back(work, nullptr);
  work(&first);
  others.clear();
  if (failure) std::rethrow_exception(failure);
  return total;
}

}  // namespace postern::testing
