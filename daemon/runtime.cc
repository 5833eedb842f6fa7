#include "daemon/runtime.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include "daemon/vault_options.h"

namespace postern::daemon {

namespace {

/// Two at least: one blocked by a slow password command leaves another for the vault.
unsigned worker_threads() { return std::clamp(std::thread::hardware_concurrency(), 2U, 8U); }

}  // namespace

Runtime::Runtime(std::unique_ptr<storage::Vault> vault)
    : vault_(std::move(vault)),
      pool_(std::make_unique<WorkerPool>(worker_threads())),
      workers_(pool_->for_loop(loop_)),
      resolver_(loop_),
      dialer_(loop_, resolver_, sessions_) {}

Result<std::unique_ptr<Runtime>> Runtime::start(const config::Config& config, std::string holder) {
  ::signal(SIGPIPE,
           SIG_IGN);  // a line that the peer has cut is an error of the write; commands that only print keep it
  storage::VaultOptions options = vault_options(config);
  options.holder = std::move(holder);
  auto vault = storage::Vault::open(std::move(options));
  if (!vault) return fail(std::move(vault.error()));
  return std::unique_ptr<Runtime>(new Runtime(std::move(*vault)));
}

Result<void> Runtime::close() {
  pool_.reset();  // first: what still waits for a thread will look at the vault
  return vault_->close();
}

}  // namespace postern::daemon
