#pragma once

#include <memory>
#include <string_view>

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/protocol/sasl/mechanism.h"

namespace postern::sasl {

/// The longest challenge that is looked at, in base64 octets. SCRAM's take a few hundred.
inline constexpr std::size_t kLongestChallenge = 16 * 1024;

/// One authentication as IMAP, POP3 and SMTP carry it: base64 lines. Pure; not thread-safe.
///
///   with an initial response (RFC 4959):  send name() + " " + initial_line()
///   without:                              send name(); the server's first challenge is empty
///   each "+ TEXT" from the server:        send answer(TEXT), or on an error "*" and give up
///   its OK:                               finish() must agree, else the server is an impostor
class Exchange {
 public:
  explicit Exchange(std::unique_ptr<Mechanism> mechanism) : mechanism_(std::move(mechanism)) {}

  std::string_view name() const { return mechanism_->name(); }
  /// The initial response for the command line; "=" stands for an empty one.
  Result<Secret> initial_line();
  /// The line, without its CRLF, that answers a challenge; empty for an empty response.
  Result<Secret> answer(std::string_view challenge);
  /// To be asked when the server says OK.
  Result<void> finish() const;

 private:
  std::unique_ptr<Mechanism> mechanism_;
  bool started_ = false;
};

}  // namespace postern::sasl
