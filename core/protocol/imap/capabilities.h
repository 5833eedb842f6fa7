#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

/// What a server says it can do (RFC 9051 §7.2.2). Names are kept in upper case, sorted; "known" tells an empty list
/// from one that was never received.
class Capabilities {
 public:
  Capabilities() = default;
  explicit Capabilities(std::vector<std::string> names);

  bool known() const { return known_; }
  /// `name` in upper case: has("LITERAL+"), has("AUTH=PLAIN").
  bool has(std::string_view name) const;
  /// The name itself or with whatever value: states("QUOTA") where QUOTA=RES-STORAGE (RFC 9208) is stated.
  bool states(std::string_view name) const;
  /// The mechanisms of AUTH=…, upper case.
  std::vector<std::string> auth_mechanisms() const;
  /// APPENDLIMIT=n (RFC 7889); nullopt when not stated as one number for all mailboxes.
  std::optional<std::uint64_t> append_limit() const;
  /// MESSAGELIMIT=n and SAVELIMIT=n (RFC 9738): how many messages one command may name, and one may add (APPEND, COPY,
  /// MOVE). nullopt where nothing that can be meant is stated.
  std::optional<std::uint32_t> message_limit() const;
  std::optional<std::uint32_t> save_limit() const;
  /// Takes one away, with whatever value it has ("MESSAGELIMIT" takes away MESSAGELIMIT=1000): the configuration, or a
  /// server that answers BAD to what it advertises.
  void remove(std::string_view name);
  const std::vector<std::string>& names() const { return names_; }

  friend bool operator==(const Capabilities&, const Capabilities&) = default;

 private:
  std::optional<std::uint64_t> number_of(std::string_view prefix) const;

  std::vector<std::string> names_;
  bool known_ = false;
};

}  // namespace postern::imap
