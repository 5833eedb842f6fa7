#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/mail/records.h"
#include "core/sync/planner/values.h"

namespace postern::sync {

/// A message of the vault that looks for its target message.
struct Wanted {
  Place place;
  Digest digest;
  Identity identity;
  std::int64_t instant = 0;  // INTERNALDATE; none is known up to 0
  FlagSet flags = {};        // which of several copies it is
};

/// A target message that no entry is bound to.
struct Candidate {
  Uid uid;
  Identity identity;
  FlagSet flags;
  std::int64_t instant = 0;  // INTERNALDATE; none is known up to 0
};

struct Match {
  std::size_t wanted = 0;     // index
  std::size_t candidate = 0;  // index
};

/// Pairs what is surely the same, each at most once.
struct Matching {
  std::vector<Match> sure;
  /// Candidates whose digests have to be known first: they may be other messages with the same stable header and size.
  UidSet ask;
};

/// By identity and INTERNALDATE: as many or fewer candidates than there are copies of one wanted content (one of each,
/// as a rule), each of the same instant as a copy. Everything else has to be asked for, also where no date is known.
Matching match_by_identity(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates);

/// What is known of a candidate's content.
struct KnownDigest {
  Uid uid;
  Digest digest;
  std::optional<Digest> without_tuid = std::nullopt;  // of the message without the line that mbsync adds to its copies
};

/// Among what match_by_identity() left open: equal digests are the same.
std::vector<Match> match_by_digest(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                   const std::vector<KnownDigest>& known, const Matching& before);

/// How many octets mbsync adds to a message it copies: a header line of this length (mime::kTuidLine).
inline constexpr std::uint64_t kTuidOctets = 22;

/// Candidates that may be copies made by mbsync, for they have a wanted message's header and its size with that line;
/// their digests have to be known.
UidSet maybe_with_tuid(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates);

/// Among what is still open: a candidate whose octets without that line are the wanted message's is a copy of it.
std::vector<Match> match_without_tuid(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                      const std::vector<KnownDigest>& known, const Matching& before);

/// Cuts what has to be asked for into windows of about `most`; what shares an identity stays together.
std::vector<UidSet> ask_in_windows(const std::vector<Candidate>& candidates, const UidSet& ask, std::size_t most);

/// Wanted messages, still open, that one of the `unread` candidates may be: sending them might double them.
std::vector<std::size_t> held_back(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                   const UidSet& unread, const Matching& before);

/// Among what is still open, whose octets are others than those sent: equal identities and INTERNALDATEs, lower UIDs
/// first. For a server that alters what it stores; another client's message has the date of its own.
std::vector<Match> match_altered(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                 const Matching& before);

/// Among what is still open, for a server that states another RFC822.SIZE than was sent: equal headers and
/// INTERNALDATEs whatever the sizes. Different contents of one header and instant only where there is a candidate for
/// each.
std::vector<Match> match_resized(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                 const Matching& before);

/// The same without a date: in order, of each header with as many candidates as messages. Only where it is known that
/// the candidates are just the messages.
std::vector<Match> match_headers_in_order(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                          const Matching& before);

/// Pairs equal identities in order where the dates differ, too. Only where it is known that the messages are among the
/// candidates.
std::vector<Match> match_in_order(const std::vector<Wanted>& wanted, const std::vector<Candidate>& candidates,
                                  const Matching& before);

}  // namespace postern::sync
