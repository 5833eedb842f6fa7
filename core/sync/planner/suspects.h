#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/mail/uid_set.h"

namespace postern::sync {

/// The bodies that came in a pass, over any session of its side: what tells a message that breaks the connection from a
/// line that breaks.
class BodyCount {
 public:
  void came() { ++came_; }
  /// A connection broke where bodies had been asked for.
  void cut() {
    if (!at_cut_) at_cut_ = came_;
  }
  /// A message was blamed on the word of what came since the first cut: for the next one something more has to come.
  void spend() { at_cut_ = came_; }

  std::uint64_t so_far() const { return came_; }
  bool since_cut() const { return at_cut_ && came_ > *at_cut_; }

 private:
  std::uint64_t came_ = 0;
  std::optional<std::uint64_t> at_cut_;
};

/// Finds the message that breaks the connection whenever it is asked for. After a cut every message that was asked for
/// and had not come is suspect; the suspects are asked for by themselves, one at first and then twice as many each time
/// as nothing breaks. A server answers in order, so the first suspect is mostly the one; if not, each further cut
/// leaves at most half of them. The one that alone breaks two connections is accused: a single cut may be an accident.
/// It is guilty when bodies come through otherwise: one of the account has arrived since it first broke a connection
/// alone. Until then another message of the mailbox is asked for as a witness. Where there is none left to ask, and
/// none broke the connection too, it is enough that one came since the first cut of the pass, or beside it when it was
/// asked for. Without that it is the line that breaks, and nobody is blamed.
class Suspects {
 public:
  bool empty() const { return uids_.empty(); }
  const UidSet& uids() const { return uids_; }

  /// The connection broke while `asked` had been asked for, of which `arrived` (and maybe others) had come.
  void cut(const UidSet& asked, const UidSet& arrived, BodyCount& bodies);
  /// Those to ask for next, with nothing else in flight: suspects, or a witness.
  UidSet next() const;
  /// They were asked for, and the connection stands.
  void cleared(const UidSet& uids);
  /// What is wanted of the mailbox and has not come: others are suspects no longer, and no witnesses.
  void keep(const UidSet& wanted);
  /// The guilty one, given once; it is no suspect any more.
  std::optional<Uid> take_guilty(BodyCount& bodies);

  /// Grows with each cut that has told something: how many messages are suspect fell, or one was confirmed.
  std::uint64_t learnt() const { return learnt_; }
  /// How many were guilty so far.
  std::uint64_t guilty() const { return guilty_; }

 private:
  struct Alone {
    int times = 0;             // that it broke the connection when nothing else was asked for
    std::uint64_t bodies = 0;  // that had come the first time
  };
  UidSet accused() const;
  UidSet witnesses() const;
  UidSet broke_alone() const;

  UidSet uids_;
  UidSet wanted_;
  std::uint64_t step_ = 1;
  std::map<Uid, Alone> alone_;
  UidSet heard_;        // asked for as witnesses
  UidSet accompanied_;  // others came in the session that had asked for them
  std::uint64_t learnt_ = 0;
  std::uint64_t guilty_ = 0;
};

}  // namespace postern::sync
