#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace postern::testing {

/// What goes wrong with one whole connection.
struct ConnectionFaults {
  std::optional<std::uint64_t> cut_after_sent;      // octets of the server's
  std::optional<std::uint64_t> cut_after_received;  // octets of the client's
  std::size_t drip_octets = 0;                      // writes so many at a time…
  std::chrono::milliseconds drip_every{0};          // …with so much time in between
  bool silent = false;                              // accepts and never says a word
  std::optional<std::string> greeting;              // raw octets in the greeting's place
};

/// What goes wrong with one APPEND.
struct AppendFault {
  enum class What : std::uint8_t {
    refuse_early,        // `text` in place of the "+"
    refuse_late,         // `text` after all literals
    cut_before_literal,  // in place of the "+"
    cut_in_literal,      // after `octets` of it
    cut_before_commit,   // all octets have come; nothing is stored
    cut_after_commit,    // stored, but the client is not told
    commit_late,         // cut, and stored `delay` later
    ok_without_effect,   // OK with an APPENDUID, nothing stored
    wrong_uid,           // stored; APPENDUID names a UID that is not there
    wrong_uidvalidity,   // stored; APPENDUID states another UIDVALIDITY
    no_uid,              // stored; OK without APPENDUID
  };
  What what = What::cut_after_commit;
  std::size_t literal = 0;  // which literal of a MULTIAPPEND
  std::uint64_t octets = 0;
  std::chrono::milliseconds delay{0};
  std::string text = "NO [OVERQUOTA] Quota exceeded";
};

/// Raw words around, or in place of, a command's own. "$TAG" stands for the command's tag.
struct Rule {
  std::string command;      // the start of the command behind its tag, any case: "UID FETCH", "SELECT \"A\""
  int times = 1;            // then the rule is used up; -1: never
  int skip = 0;             // lets so many pass first
  std::string before = {};  // sent first
  std::optional<std::string> instead = std::nullopt;  // in place of the command's effect and answer
  std::string after = {};                             // sent last
  bool cut = false;                                   // then hangs up
};

/// Standing untruths and refusals.
struct Lies {
  int exists = 0;                                     // added to EXISTS when a mailbox is opened
  int stated_size = 0;                                // added to RFC822.SIZE
  bool one_email_id = false;                          // every message has the same EMAILID and X-GM-MSGID
  std::int64_t uidnext = 0;                           // added to UIDNEXT
  std::optional<std::size_t> search_limit;            // SEARCH tells no more than so many
  std::optional<std::size_t> list_limit;              // LIST, likewise
  std::set<std::uint32_t> omit_from_fetch;            // UIDs that FETCH never answers for
  std::map<std::uint32_t, std::string> refuse_fetch;  // "NO …" in place of the OK of a FETCH of this UID's body
  struct CutInBody {
    std::uint32_t uid = 0;
    std::uint64_t octets = 0;  // of the body, sent before the cut
    int times = 1;
  };
  std::optional<CutInBody> cut_in_body;
  bool appends_are_lost = false;       // every APPEND says OK and stores nothing
  std::string append_puts_before;      // a header line, into every message that is appended
  std::string append_puts_behind;      // likewise, at its end
  std::set<std::string> append_drops;  // flags that APPEND does not keep, as Exchange's does not keep \Flagged
};

}  // namespace postern::testing
