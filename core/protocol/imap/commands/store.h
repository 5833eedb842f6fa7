#pragma once

#include <cstdint>
#include <optional>

#include "core/mail/flag_set.h"
#include "core/mail/uid.h"
#include "core/mail/uid_set.h"

namespace postern::imap {

class Encoder;

/// UID STORE (RFC 9051 §6.4.6), silent; `unchanged_since` needs CONDSTORE (RFC 7162 §3.1.3).
struct UidStore {
  enum class Mode : std::uint8_t { add, remove, replace };
  UidSet uids;
  Mode mode = Mode::add;
  FlagSet flags;
  std::optional<ModSeq> unchanged_since;
};
void encode(const UidStore& command, Encoder& out);

}  // namespace postern::imap
