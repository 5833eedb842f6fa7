// A session with commands in flight, against any server. "$1" … "$9" in the input are our tags.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/protocol/imap/session.h"

namespace {

using namespace postern;
using namespace postern::imap;

class Client {
 public:
  explicit Client(bool starttls) : session_(options(starttls)) {}

  void run(std::string_view octets) {
    std::size_t next = 0;
    while (!octets.empty()) {
      // Lines end our turns: after each, the next command is given.
      const auto end = octets.find('\n');
      const std::string line = with_tags(octets.substr(0, end == std::string_view::npos ? end : end + 1));
      octets.remove_prefix(end == std::string_view::npos ? octets.size() : end + 1);
      session_.feed(line);
      drain();
      if (next < commands().size()) (void)session_.enqueue(commands()[next++]);
      drain();
    }
    session_.end_of_input();
    drain();
    if (session_.next_event()) std::abort();
  }

 private:
  static SessionOptions options(bool starttls) {
    SessionOptions options;
    options.tag_seed = 7;
    options.secure = !starttls;
    options.starttls_required = starttls;
    return options;
  }

  static const std::vector<Command>& commands() {
    static const auto box = MailboxName::from_wire("INBOX", '/');
    static const std::vector<Command> all = [] {
      UidFetch fetch;
      fetch.uids = UidSet::range(1, 9);
      fetch.items.body = true;
      UidSearch search;
      search.return_all = true;
      UidSearch page;
      page.uids = UidSet::range(1, 9);
      page.page = PartialRange{1, 4, false};
      return std::vector<Command>{StartTls{},
                                  Login{"u", Secret("p")},
                                  Enable{{"QRESYNC", "UIDONLY"}},
                                  List{},
                                  Select{box, true, true, std::nullopt},
                                  fetch,
                                  search,
                                  Append{box, {{3, {}, std::nullopt}}},
                                  UidMove{{1}, box},
                                  page,
                                  GetQuotaRoot{box},
                                  Idle{},
                                  Logout{}};
    }();
    return all;
  }

  void drain() {
    while (auto event = session_.next_event()) {
      if (std::holds_alternative<Fatal>(*event) || std::holds_alternative<Closed>(*event)) {
        if (over_) std::abort();
        over_ = true;
      } else if (over_) {
        std::abort();
      }
      answer(*event);
    }
    learn_tags();
  }

  void answer(const Event& event) {
    if (const auto* chunk = std::get_if<LiteralChunk>(&event)) {
      if (chunk->offset + chunk->octets.size() > chunk->size) std::abort();
      if (chunk->last != (chunk->offset + chunk->octets.size() == chunk->size)) std::abort();
    } else if (std::holds_alternative<BodyWanted>(event)) {
      if (!session_.supply("abc") || !session_.end_body()) std::abort();
    } else if (const auto* go = std::get_if<Continuation>(&event)) {
      if (go->purpose == Continuation::For::idle) (void)session_.done();
    } else if (std::holds_alternative<HandOver>(event)) {
      session_.handed_over();
    }
  }

  void learn_tags() {
    const ByteView out = session_.output();
    for (std::size_t at = 0; at < out.size();) {
      const auto end = std::min(out.find("\r\n", at), out.size());
      const ByteView line = out.substr(at, end - at);
      if (line.find(' ') == 8 || line.find(' ') == 9) tags_.emplace_back(line.substr(0, line.find(' ')));
      at = end + 2;
    }
    session_.consume_output(out.size());
  }

  std::string with_tags(std::string_view text) const {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool tag = text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9' &&
                       static_cast<std::size_t>(text[i + 1] - '1') < tags_.size();
      out += tag ? tags_[static_cast<std::size_t>(text[++i] - '1')] : std::string(1, text[i]);
    }
    return out;
  }

  Session session_;
  std::vector<std::string> tags_;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  Client(false).run(octets);
  Client(true).run(octets);
  return 0;
}
