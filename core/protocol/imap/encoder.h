#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/mail/flag_set.h"
#include "core/mail/internal_date.h"
#include "core/mail/mailbox_name.h"
#include "core/mail/uid_set.h"
#include "core/protocol/imap/partial_range.h"

namespace postern::imap {

/// Which literals the server takes (RFC 7888); anything but `synchronising` only when advertised after authentication.
enum class LiteralForm : std::uint8_t { synchronising, minus, plus };

/// A command's octets, cut where the machine has to stop.
struct EncodedCommand {
  struct Segment {
    Bytes octets;
    bool await_go_ahead = false;        // "+" must come before anything behind `octets`
    std::optional<std::uint64_t> body;  // then this many octets follow, supplied by the caller
  };
  std::vector<Segment> segments;
  bool secret = false;  // holds a password or token: overwrite after use, never log
};

/// Writes commands so that no argument can end or forge one: strings are atoms, quoted or literals by their content,
/// and NUL is refused. The first refusal is remembered and given by finish().
class Encoder {
 public:
  Encoder(std::string_view tag, LiteralForm literals, bool utf8);

  /// Protocol text from our own source code: never data.
  template <std::size_t N>
  Encoder& text(const char (&words)[N]) {
    return raw(std::string_view(words, N - 1));
  }
  /// An atom that is data, a capability or mechanism name: refused when it is none.
  Encoder& atom(std::string_view name);
  Encoder& number(std::uint64_t value);
  Encoder& uids(const UidSet& set);
  /// "1:500", "-1:-500".
  Encoder& page(const PartialRange& page);
  /// RFC 9051 astring.
  Encoder& astring(std::string_view value);
  /// RFC 9051 string, never an atom.
  Encoder& string(std::string_view value);
  Encoder& secret_string(const Secret& value);
  /// Octets in base64, "=" for none (RFC 4959).
  Encoder& secret_base64(const Secret& octets);
  Encoder& mailbox(const MailboxName& name);
  /// "(\Seen $Work)"; refused when one is no flag.
  Encoder& flags(const FlagSet& flags);
  /// A quoted date-time.
  Encoder& date_time(const InternalDate& date);
  /// A literal whose `size` octets the caller supplies later.
  Encoder& body(std::uint64_t size);

  /// The command with its CRLF.
  Result<EncodedCommand> finish() &&;

 private:
  Encoder& raw(std::string_view text);
  void literal_header(std::uint64_t size);
  void refuse(ErrorKind kind, std::string_view what);
  Bytes& out() { return command_.segments.back().octets; }

  EncodedCommand command_;
  LiteralForm literals_;
  bool utf8_;
  std::optional<Error> error_;
};

}  // namespace postern::imap
