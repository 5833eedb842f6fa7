#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/io/scheduler.h"
#include "core/io/stream.h"
#include "core/io/task.h"
#include "core/io/wait.h"

struct ssl_ctx_st;
struct ssl_session_st;

namespace postern {

/// Sessions that can be resumed, by endpoint; each is used once (RFC 8446 §C.4). A resumed session's certificates are
/// verified again, in full. Thread-safe: one for the process.
class TlsSessionCache {
 public:
  struct Free {
    void operator()(ssl_session_st* session) const;
  };
  using Session = std::unique_ptr<ssl_session_st, Free>;

  void put(const std::string& key, Session session);
  /// The newest session of `key`, or null.
  Session take(const std::string& key);
  std::size_t size() const;

 private:
  static constexpr std::size_t kPerKey = 4;
  static constexpr std::size_t kKeys = 4096;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<Session>> sessions_;  // guarded by mutex_
};

/// What a client trusts: a set of authorities and the rules of TLS that go with it. Immutable once made; thread-safe.
class TlsTrust {
 public:
  /// The authorities of the PEM file `ca_file`, or the system's when empty.
  static Result<std::shared_ptr<const TlsTrust>> load(const std::string& ca_file);
  ~TlsTrust();
  ssl_ctx_st* context() const { return context_; }
  /// Whether the file has changed since: load() again for the next connection.
  bool outdated() const;

 private:
  TlsTrust() = default;
  ssl_ctx_st* context_ = nullptr;
  std::string file_;
  std::array<std::uint64_t, 4> stamp_{};  // device, inode, size, time of change
};

struct TlsClientOptions {
  std::string host;  // the name or IP literal the certificate must be for
  std::shared_ptr<const TlsTrust> trust;
  TlsSessionCache* sessions = nullptr;  // none: no resumption
  std::string session_key;              // the endpoint, and what else keeps sessions apart
};

/// The handshake over `clear`, within 20 s: TLS 1.2 or later, SNI for names, the chain and the name verified. The one
/// way into TLS, for implicit TLS and STARTTLS alike. A certificate that does not do is ErrorKind::security.
Task<Result<std::unique_ptr<Stream>>> tls_connect(Scheduler& scheduler, std::unique_ptr<Stream> clear,
                                                  TlsClientOptions options, Wait wait);

}  // namespace postern
