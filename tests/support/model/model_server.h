#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/sync/ports.h"

namespace postern::testing {

/// What a server does differently from a good one, and what it offers.
struct Quirks {
  bool condstore = true;
  bool qresync = true;
  bool uidplus = true;
  bool multiappend = true;
  UidSet ghosts;               // listed, never handed out
  UidSet left_out_once;        // left out of the next FETCH that asks for several
  UidSet sent_twice;           // in one answer
  UidSet refused;              // a FETCH naming one of them says NO
  int exists_lie = 0;          // added to EXISTS
  std::uint32_t uids_cut = 0;  // SEARCH leaves out the last ones
  bool list_empty = false;
  bool wrong_appenduid = false;  // of another UIDVALIDITY
  bool same_appenduid = false;   // the same UID for each message
  std::optional<std::uint64_t> append_limit;
  std::string refuses_text;  // APPEND of a message with this text says NO [CANNOT]-like, per message
  std::string refuses_name;  // CREATE of a name with this text says NO
  bool over_quota = false;
  std::optional<FlagSet> permanent_flags;  // nothing else is kept, keywords neither
  char delimiter = '/';
  std::string prefix;
};

struct ModelMessage {
  Bytes octets;
  FlagSet flags;
  InternalDate date;
  ModSeq modseq;
};

struct ModelMailbox {
  MailboxName name;
  std::vector<std::string> attributes;
  bool selectable = true;
  bool subscribed = true;
  UidValidity uidvalidity;
  std::uint32_t uidnext = 1;
  ModSeq highestmodseq{1};
  std::map<Uid, ModelMessage> messages;
  std::map<Uid, ModSeq> expunged;

  Uid append(Bytes octets, FlagSet flags, InternalDate date);
  void store(Uid uid, FlagSet flags);
  void expunge(Uid uid);
};

/// An account on an IMAP server, in memory; the state that survives connections. A test's verbs, and what ModelSource
/// and ModelTarget show of it.
class ModelServer {
 public:
  ModelServer() { create("INBOX"); }

  ModelMailbox& create(std::string_view name, std::vector<std::string> attributes = {});
  ModelMailbox& box(std::string_view name);
  bool has(std::string_view name) const { return boxes_.contains(std::string(name)); }
  Uid append(std::string_view name, Bytes octets, FlagSet flags = {});
  void remove(std::string_view name) { boxes_.erase(std::string(name)); }
  void rename(std::string_view from, std::string_view to);
  /// The same messages under new UIDs and a new UIDVALIDITY.
  void renumber(std::string_view name);

  std::map<std::string, ModelMailbox>& boxes() { return boxes_; }
  const std::map<std::string, ModelMailbox>& boxes() const { return boxes_; }

  sync::MailboxStatus status(const ModelMailbox& box) const;
  std::vector<sync::ListedMailbox> list() const;

  Quirks quirks;
  std::uint64_t mutations = 0;  // commands that change something, as the engine sent them

 private:
  std::map<std::string, ModelMailbox> boxes_;  // by display name
  std::uint32_t next_uidvalidity_ = 1'000;
};

/// SHA-256 of `octets`.
Digest digest_of(ByteView octets);
/// As a server or a vault tells messages apart cheaply: by their header and size.
sync::Identity identity_of(ByteView octets);

}  // namespace postern::testing
