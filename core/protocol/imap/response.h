#pragma once

// Typed responses (RFC 9051 §7, RFC 3501 §7 and the extensions named at each field). All values own their memory.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/mail/flag_set.h"
#include "core/mail/internal_date.h"
#include "core/mail/mailbox_name.h"
#include "core/mail/uid.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/partial_range.h"
#include "core/protocol/imap/response_code.h"

namespace postern::imap {

enum class Status : std::uint8_t { ok, no, bad, bye, preauth };
std::string_view to_string(Status status);

/// OK, NO, BAD, BYE, PREAUTH, untagged; and, with `tag`, the reply that ends a command. `text` is raw server text.
struct StatusResponse {
  std::string tag;  // empty: untagged
  Status status = Status::ok;
  ResponseCode code;
  std::string text;
};

/// "+ …": go on. `text` as sent, for SASL in base64.
struct ContinuationRequest {
  std::string text;
};

struct CapabilityData {
  Capabilities capabilities;
};

/// ENABLED (RFC 5161), upper case.
struct EnabledData {
  std::vector<std::string> names;
};

/// LIST, LSUB (RFC 9051 §7.3.1, 5258).
struct ListData {
  bool lsub = false;
  std::vector<std::string> attributes;                   // "\HasNoChildren" as sent
  MailboxName name;                                      // with its delimiter
  std::optional<MailboxName> old_name;                   // OLDNAME
  std::vector<std::string> child_info;                   // CHILDINFO: "SUBSCRIBED"
  bool has_attribute(std::string_view attribute) const;  // without case
};

/// STATUS (RFC 9051 §7.3.4, 7162, 8474, 8438). Only what was stated.
struct StatusData {
  MailboxName name;  // delimiter unknown: '\0'
  std::optional<std::uint32_t> messages, recent, unseen, deleted;
  std::optional<std::uint32_t> uidnext;
  std::optional<UidValidity> uidvalidity;
  std::optional<ModSeq> highestmodseq;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> append_limit;
  std::string mailbox_id;
};

/// NAMESPACE (RFC 2342).
struct Namespace {
  std::string prefix;  // wire form
  char delimiter = '\0';
  friend bool operator==(const Namespace&, const Namespace&) = default;
};
struct NamespaceData {
  std::vector<Namespace> personal, other_users, shared;
};

/// SEARCH and ESEARCH (RFC 9051 §7.3.4, 4731, 7162). A set, whatever order or repetition the server used.
struct SearchData {
  bool extended = false;  // ESEARCH
  std::string tag;        // ESEARCH (TAG "A7")
  bool uid = false;       // ESEARCH UID; plain SEARCH does not say
  UidSet all;
  struct Page {  // PARTIAL (RFC 9394 §3.1, 5267): the UIDs at these places of the result; none there: NIL
    PartialRange range;
    UidSet uids;
  };
  std::optional<Page> page;
  std::optional<std::uint32_t> min, max, count;
  std::optional<ModSeq> modseq;
};

struct FlagsData {
  FlagSet flags;
};
struct ExistsData {
  std::uint32_t messages = 0;
};
struct RecentData {
  std::uint32_t messages = 0;
};
struct ExpungeData {
  std::uint32_t seq = 0;
};
/// VANISHED (RFC 7162 §3.2.10).
struct VanishedData {
  bool earlier = false;
  UidSet uids;  // may be 1:4294967295; never expanded
};

/// A body section of a FETCH: what was named and how it came. Its octets went out as LiteralChunk events.
struct BodySection {
  std::string section;                  // "" for BODY[] and RFC822; "HEADER", "HEADER.FIELDS (SUBJECT)", "1.MIME" …
  std::optional<std::uint64_t> origin;  // BODY[]<0>
  std::uint64_t size = 0;               // octets delivered
  bool nil = false;                     // the server said NIL: there is no body (not: an empty one)
  friend bool operator==(const BodySection&, const BodySection&) = default;
};

/// FETCH (RFC 9051 §7.5.2), UIDFETCH (RFC 9586: seq is 0). Only what was stated.
struct FetchData {
  std::uint32_t seq = 0;
  std::optional<Uid> uid;
  std::optional<FlagSet> flags;
  std::optional<InternalDate> internal_date;
  std::string internal_date_text;            // as sent, when it is no date
  std::optional<std::uint64_t> rfc822_size;  // a claim
  std::optional<ModSeq> modseq;
  std::optional<std::uint64_t> gmail_message_id, gmail_thread_id;
  std::optional<std::vector<std::string>> gmail_labels;  // wire form
  std::string email_id, thread_id;                       // RFC 8474
  std::vector<BodySection> sections;
  /// The section with that name, or null.
  const BodySection* section(std::string_view name) const;
};

/// QUOTAROOT (RFC 9208 §4.2.2): none of `roots` means that nothing limits the mailbox.
struct QuotaRootData {
  MailboxName mailbox;  // delimiter unknown: '\0'
  std::vector<std::string> roots;
};
/// QUOTA (RFC 9208 §4.2.1). A claim, like everything about sizes.
struct QuotaData {
  struct Resource {
    std::string name;         // upper case
    std::uint64_t usage = 0;  // STORAGE: in units of 1024 octets
    std::uint64_t limit = 0;
  };
  std::string root;
  std::vector<Resource> resources;
};

struct IdData {
  std::vector<std::pair<std::string, std::string>> fields;  // empty for NIL
};

/// A response that we do not know or need: skipped, `keyword` for the log.
struct UnknownData {
  std::string keyword;
};

using Response = std::variant<StatusResponse, ContinuationRequest, CapabilityData, EnabledData, ListData, StatusData,
                              NamespaceData, SearchData, FlagsData, ExistsData, RecentData, ExpungeData, VanishedData,
                              FetchData, QuotaRootData, QuotaData, IdData, UnknownData>;

}  // namespace postern::imap
