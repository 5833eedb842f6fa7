#include "tests/support/plain_imap/plain_imap.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/support/mail/names.h"
#include "tests/support/plain_imap/imap_value.h"

namespace postern::testing {
namespace {

constexpr std::string_view kFetchAll = "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";

std::string mailbox_argument(std::string_view utf8) { return imap_quoted(to_wire_name(utf8)); }

std::string joined(const std::vector<std::string>& flags) {
  std::string text;
  for (const std::string& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw std::runtime_error("not a number: " + std::string(text));
  }
  return value;
}

/// The size announced at the end of `line`, "{123}", if there is one.
std::optional<std::size_t> literal_size(std::string_view line) {
  const auto brace = line.rfind('{');
  if (!line.ends_with('}') || brace == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(brace + 1, line.size() - brace - 2);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return number(digits);
}

/// The `index`th word inside the response code `name`, as in "[APPENDUID 1 7]".
std::optional<std::string> code_argument(std::string_view text, std::string_view name, std::size_t index) {
  const auto start = text.find("[" + std::string(name) + " ");
  if (start == std::string_view::npos) return std::nullopt;
  const auto inside = text.substr(start + 1, text.find(']', start) - start - 1);
  const std::vector<ImapValue> words = parse_imap_values(inside);
  return words.at(index + 1).text;
}

StoredMessage stored_message(const std::vector<ImapValue>& items) {
  StoredMessage message;
  message.uid = static_cast<std::uint32_t>(number(value_of(items, "UID").text));
  const std::string& octets = value_of(items, "BODY[]").text;
  message.sha256 = sha256_hex(octets);
  message.size = octets.size();
  message.unix_seconds = parse_imap_date_time(value_of(items, "INTERNALDATE").text);
  for (const ImapValue& flag : value_of(items, "FLAGS").items) {
    if (!ascii_iequals(flag.text, "\\Recent")) message.flags.insert(flag.text);
  }
  return message;
}

}  // namespace

PlainImap::PlainImap(const Login& login) : socket_(login.port), chunk_(256 * 1024) {
  if (login.tls == PlainTls::implicit) socket_.start_tls();
  if (!read_response().starts_with("* OK")) throw std::runtime_error("no OK greeting");
  if (login.tls == PlainTls::starttls) {
    command("STARTTLS");
    socket_.start_tls();
  }
  command("LOGIN " + imap_quoted(login.user) + " " + imap_quoted(login.password));
}

void PlainImap::read_more() {
  const std::size_t n = socket_.read_some(chunk_);
  if (n == 0) throw std::runtime_error("the server closed the connection");
  buffer_.append(chunk_.data(), n);
}

void PlainImap::forget_used() {
  if (at_ == buffer_.size() || at_ > (1 << 20)) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
}

std::string PlainImap::read_response() {
  forget_used();
  for (std::size_t line = at_, searched = at_;;) {
    const std::size_t end = buffer_.find("\r\n", searched);
    if (end == std::string::npos) {
      searched = std::max(line, buffer_.empty() ? 0 : buffer_.size() - 1);
      read_more();
      continue;
    }
    const auto literal = literal_size(std::string_view(buffer_).substr(line, end - line));
    if (!literal) {
      std::string response = buffer_.substr(at_, end - at_);
      at_ = end + 2;
      return response;
    }
    line = searched = end + 2 + *literal;
    while (buffer_.size() < line) read_more();
  }
}

std::string PlainImap::run(const std::vector<Step>& steps, const std::function<void(const std::string&)>& untagged) {
  const std::string tag = "T" + std::to_string(++tags_);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    socket_.write_all((i == 0 ? tag + " " : std::string()) + steps[i].line + "\r\n");
    for (;;) {
      std::string response = read_response();
      if (response.starts_with(tag + " ")) {
        if (!response.starts_with(tag + " OK")) throw std::runtime_error(steps[0].line + ": " + response);
        return response;
      }
      if (response.starts_with("* BYE") && steps[0].line != "LOGOUT") throw std::runtime_error(response);
      if (response.starts_with("+")) break;
      if (untagged) untagged(response);
    }
    socket_.write_all(steps[i].literal);
  }
  throw std::runtime_error(steps[0].line + ": the server asks for more than there is");
}

std::string PlainImap::command(std::string_view text, const std::function<void(const std::string&)>& untagged) {
  return run({{std::string(text), {}}}, untagged);
}

std::uint32_t PlainImap::append(std::string_view mailbox, ByteView octets, const std::vector<std::string>& flags,
                                std::string_view date) {
  const std::string when = date.empty() ? "" : " \"" + std::string(date) + "\"";
  const std::string reply = run(
      {{"APPEND " + mailbox_argument(mailbox) + " " + joined(flags) + when + " {" + std::to_string(octets.size()) + "}",
        octets},
       {"", {}}},
      {});
  const auto uid = code_argument(reply, "APPENDUID", 1);
  return uid ? static_cast<std::uint32_t>(number(*uid)) : 0;
}

void PlainImap::append_all(std::string_view mailbox, const std::vector<Upload>& uploads) {
  constexpr std::size_t kBatch = 100;
  for (std::size_t first = 0; first < uploads.size(); first += kBatch) {
    std::vector<Step> steps;
    for (std::size_t i = first; i < std::min(first + kBatch, uploads.size()); ++i) {
      const Upload& upload = uploads[i];
      steps.push_back({(i == first ? "APPEND " + mailbox_argument(mailbox) : std::string()) + " " +
                           joined(upload.flags) + (upload.date.empty() ? "" : " \"" + upload.date + "\"") + " {" +
                           std::to_string(upload.octets.size()) + "}",
                       upload.octets});
    }
    steps.push_back({"", {}});
    run(steps, {});
  }
}

void PlainImap::open(std::string_view mailbox, std::string_view verb) {
  command(std::string(verb) + " " + mailbox_argument(mailbox));
}

void PlainImap::store(std::string_view mailbox, std::string_view uids, std::string_view change,
                      const std::vector<std::string>& flags) {
  open(mailbox, "SELECT");
  command("UID STORE " + std::string(uids) + " " + std::string(change) + ".SILENT " + joined(flags));
}

void PlainImap::expunge(std::string_view mailbox, std::string_view uids) {
  store(mailbox, uids, "+FLAGS", {"\\Deleted"});
  command("UID EXPUNGE " + std::string(uids));
}

void PlainImap::move(std::string_view mailbox, std::string_view uids, std::string_view to) {
  open(mailbox, "SELECT");
  command("UID MOVE " + std::string(uids) + " " + mailbox_argument(to));
}

void PlainImap::create(std::string_view mailbox) { command("CREATE " + mailbox_argument(mailbox)); }
void PlainImap::remove(std::string_view mailbox) { command("DELETE " + mailbox_argument(mailbox)); }
void PlainImap::subscribe(std::string_view mailbox) { command("SUBSCRIBE " + mailbox_argument(mailbox)); }
void PlainImap::rename(std::string_view from, std::string_view to) {
  command("RENAME " + mailbox_argument(from) + " " + mailbox_argument(to));
}

std::vector<std::string> PlainImap::mailboxes() {
  std::vector<std::string> names;
  command("LIST \"\" *", [&](const std::string& response) {
    if (!response.starts_with("* LIST ")) return;
    const std::vector<ImapValue> values = parse_imap_values(response);
    const auto& attributes = values.at(2).items;
    const bool selectable = std::none_of(attributes.begin(), attributes.end(), [](const ImapValue& a) {
      return ascii_iequals(a.text, "\\Noselect") || ascii_iequals(a.text, "\\NonExistent");
    });
    if (selectable) names.push_back(from_wire_name(values.at(4).text));
  });
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> PlainImap::subscriptions() {
  std::vector<std::string> names;
  command("LSUB \"\" *", [&](const std::string& response) {
    if (response.starts_with("* LSUB ")) names.push_back(from_wire_name(parse_imap_values(response).at(4).text));
  });
  std::sort(names.begin(), names.end());
  return names;
}

StoredMailbox PlainImap::state(std::string_view mailbox) {
  StoredMailbox result;
  std::uint64_t exists = 0;
  command("EXAMINE " + mailbox_argument(mailbox), [&](const std::string& response) {
    if (const auto value = code_argument(response, "UIDVALIDITY", 0)) {
      result.uidvalidity = static_cast<std::uint32_t>(number(*value));
    }
    if (response.ends_with(" EXISTS")) exists = number(parse_imap_values(response).at(1).text);
  });
  if (exists == 0) return result;
  command("FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])", [&](const std::string& response) {
    const std::vector<ImapValue> values = parse_imap_values(response);
    if (values.size() == 4 && values[2].text == "FETCH") result.messages.push_back(stored_message(values[3].items));
  });
  return result;
}

ServerState PlainImap::state() {
  ServerState result;
  for (const std::string& name : mailboxes()) result[name] = state(name);
  return result;
}

Bytes PlainImap::fetch(std::string_view mailbox, std::uint32_t uid) {
  open(mailbox, "EXAMINE");
  std::optional<Bytes> octets;
  command("UID FETCH " + std::to_string(uid) + " BODY.PEEK[]", [&](const std::string& response) {
    const std::vector<ImapValue> values = parse_imap_values(response);
    if (values.size() == 4 && values[2].text == "FETCH") octets = value_of(values[3].items, "BODY[]").text;
  });
  if (!octets) throw std::runtime_error("no message with UID " + std::to_string(uid));
  return *octets;
}

/// Lets `octets` pass, which may be many more than the buffer should hold.
void PlainImap::skip(std::size_t octets) {
  while (octets > buffer_.size() - at_) {
    octets -= buffer_.size() - at_;
    at_ = buffer_.size();
    forget_used();
    read_more();
  }
  at_ += octets;
}

PlainImap::Drained PlainImap::drain(std::string_view mailbox) {
  std::optional<std::string> fetch(kFetchAll);
  open(mailbox, "EXAMINE");
  return drain([&] { return std::exchange(fetch, std::nullopt); });
}

PlainImap::Drained PlainImap::drain(const std::function<std::optional<std::string>()>& next) {
  constexpr int kOnTheirWay = 64;  // few enough that the writes fit the sockets' buffers while the answers are not read
  Drained total;
  const int first_tag = tags_ + 1;
  for (int answered = first_tag;;) {
    std::string commands;
    while (tags_ - answered + 1 < kOnTheirWay) {
      const auto command = next();
      if (!command) break;
      commands += "T" + std::to_string(++tags_) + " " + *command + "\r\n";
    }
    if (!commands.empty()) socket_.write_all(commands);
    if (answered > tags_) return total;
    forget_used();
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n", at_)) == std::string::npos) read_more();
    const std::string_view line = std::string_view(buffer_).substr(at_, end - at_);
    if (line.starts_with("T")) {
      if (!line.starts_with("T" + std::to_string(answered) + " OK")) throw std::runtime_error(std::string(line));
      ++answered;
    }
    const auto literal = literal_size(line);
    at_ = end + 2;
    if (!literal) continue;
    total.messages += 1;
    total.octets += *literal;
    skip(*literal);
  }
}

}  // namespace postern::testing
