#pragma once

#include <optional>
#include <string>

#include "core/protocol/imap/commands/status.h"

namespace postern::imap {

class Encoder;

/// LIST (RFC 9051 §6.3.9). Any return option needs LIST-EXTENDED; `status` also LIST-STATUS, `special_use` SPECIAL-USE.
struct List {
  std::string reference;      // wire form
  std::string pattern = "*";  // wire form, with its wildcards
  bool select_subscribed = false;
  bool special_use = false;
  bool subscribed = false;
  bool children = false;
  std::optional<StatusItems> status;
  bool extended() const { return select_subscribed || special_use || subscribed || children || status.has_value(); }
};
struct Lsub {
  std::string reference;
  std::string pattern = "*";
};
void encode(const List& command, Encoder& out);
void encode(const Lsub& command, Encoder& out);

}  // namespace postern::imap
