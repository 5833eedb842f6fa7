#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/io/loop.h"
#include "core/io/task.h"
#include "core/io/wait.h"

namespace postern {

/// Names to addresses.
class Resolver {
 public:
  virtual ~Resolver() = default;
  /// The addresses of `host` in the order in which to try them, at least one. An IP literal is its own address.
  virtual Task<Result<std::vector<std::string>>> resolve(std::string host, Wait wait) = 0;
};

/// A and AAAA by c-ares on the loop, after /etc/hosts; within 10 s. The system's resolver configuration is read for
/// each question, so a changed network needs no restart.
class DnsResolver final : public Resolver {
 public:
  /// `servers` replaces the system's: "192.0.2.1:53,…".
  explicit DnsResolver(Loop& loop, std::string servers = {}) : loop_(loop), servers_(std::move(servers)) {}
  Task<Result<std::vector<std::string>>> resolve(std::string host, Wait wait) override;

 private:
  Loop& loop_;
  std::string servers_;
};

}  // namespace postern
