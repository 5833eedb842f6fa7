#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/config/config.h"
#include "core/io/loop.h"
#include "core/io/net_dialer.h"
#include "core/io/resolver.h"
#include "core/io/tls.h"
#include "core/io/worker_pool.h"
#include "storage/vault.h"

namespace postern::daemon {

/// What passes stand on: the vault open for writing, one loop run by the thread that made this, threads for work that
/// blocks, and the network. Made in the order below and taken down in the reverse order.
class Runtime {
 public:
  /// `holder` is what another process is told: "postern run".
  static Result<std::unique_ptr<Runtime>> start(const config::Config& config, std::string holder);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  storage::Vault& vault() { return *vault_; }
  Loop& loop() { return loop_; }
  Dialer& dialer() { return dialer_; }
  Workers& workers() { return *workers_; }

  /// Waits for work and commits under way, also of passes that were cut off, and gives the vault up, telling how it
  /// went. Nothing may be started afterwards.
  Result<void> close();

 private:
  explicit Runtime(std::unique_ptr<storage::Vault> vault);

  std::unique_ptr<storage::Vault> vault_;
  Loop loop_;
  std::unique_ptr<WorkerPool> pool_;  // none once closed
  std::unique_ptr<Workers> workers_;
  DnsResolver resolver_;
  TlsSessionCache sessions_;
  NetDialer dialer_;
};

}  // namespace postern::daemon
