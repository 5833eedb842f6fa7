#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "core/base/bytes.h"

namespace postern::http {

/// The head of a request (RFC 9112 §3), as far as a server of small pages needs it.
struct Request {
  std::string method;  // "GET"
  std::string path;    // of the target: what stands before "?"
};

/// Reads one request without a body from octets that come in pieces of any size. Bounded: at most kMostOctets are held.
/// Pure: no IO. Not thread-safe.
class RequestParser {
 public:
  static constexpr std::size_t kMostOctets = 8 * 1024;
  enum class State : std::uint8_t {
    incomplete,
    complete,
    malformed,  // no grammar allows it, or it announces a body
    too_large,
  };

  RequestParser();
  ~RequestParser();
  /// Once another state than incomplete is reached, it stays; octets after the request are left alone.
  State feed(ByteView octets);
  /// Valid when complete.
  const Request& request() const { return request_; }

 private:
  struct Machine;
  State step();

  std::unique_ptr<Machine> machine_;
  Bytes pending_;
  std::size_t received_ = 0;
  State state_ = State::incomplete;
  Request request_;
};

}  // namespace postern::http
