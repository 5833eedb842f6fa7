#include "core/sync/planner/verdict.h"

#include <algorithm>

namespace postern::sync {

Verdict verdict(const Error& error) {
  if (error.kind() == ErrorKind::cancelled) return Verdict::stop_pass;
  switch (error.scope()) {
    case Scope::message:
      return Verdict::skip_message;
    case Scope::mailbox:
      return Verdict::skip_mailbox;
    case Scope::account:
      return error.retry() == Retry::never ? Verdict::stop_side : Verdict::reconnect;
    case Scope::process:
      return Verdict::stop_pass;
  }
  return Verdict::stop_pass;
}

bool is_cut(const Error& error) { return verdict(error) == Verdict::reconnect && error.kind() != ErrorKind::throttle; }

std::chrono::milliseconds asked_wait(const Error& error) {
  using namespace std::chrono_literals;
  if (error.retry_after()) return std::clamp<std::chrono::milliseconds>(*error.retry_after(), 1s, 1h);
  return error.kind() == ErrorKind::throttle ? std::chrono::milliseconds(60s) : std::chrono::milliseconds(0);
}

bool refuses_change(const Error& error) {
  if (error.kind() == ErrorKind::busy || error.kind() == ErrorKind::not_found) return false;
  return verdict(error) == Verdict::skip_message || verdict(error) == Verdict::skip_mailbox;
}

bool worth_splitting(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::message:
    case ErrorKind::server_bug:
    case ErrorKind::not_found:
    case ErrorKind::protocol:
      return true;
    default:
      return false;
  }
}

}  // namespace postern::sync
