#pragma once

#include <cstdint>
#include <optional>

#include "core/mail/uid_set.h"

namespace postern::sync {

/// Finds the message that breaks the connection whenever it is asked for. After a cut every message that was asked for
/// and had not come is suspect; the suspects are asked for by themselves, one at first and then twice as many each time
/// as nothing breaks. A server answers in order, so the first suspect is mostly the one; if not, each further cut
/// leaves at most half of them. The one that alone breaks two connections is guilty: a single cut may be an accident.
class Suspects {
 public:
  bool empty() const { return uids_.empty(); }
  const UidSet& uids() const { return uids_; }

  /// The connection broke while `asked` had been asked for, of which `arrived` (and maybe others) had come.
  void cut(const UidSet& asked, const UidSet& arrived);
  /// Those of the suspects to ask for next, with nothing else in flight.
  UidSet next() const;
  /// They were asked for, and the connection stands.
  void cleared(const UidSet& uids);
  /// Forgets those that are no longer wanted.
  void keep(const UidSet& wanted) { uids_ = uids_.intersected(wanted); }
  /// The guilty one, given once; it is no suspect any more.
  std::optional<Uid> take_guilty();

  /// Grows with each cut that has told something: how many messages are suspect fell, or the guilty one was confirmed.
  std::uint64_t learnt() const { return learnt_; }
  /// How many were guilty so far.
  std::uint64_t guilty() const { return guilty_; }

 private:
  UidSet uids_;
  std::uint64_t step_ = 1;
  std::optional<Uid> alone_;  // broke the connection when nothing else was asked for
  int times_ = 0;
  std::uint64_t learnt_ = 0;
  std::uint64_t guilty_ = 0;
};

}  // namespace postern::sync
