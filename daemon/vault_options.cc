#include "daemon/vault_options.h"

namespace postern::daemon {

storage::VaultOptions vault_options(const config::Config& config) {
  storage::VaultOptions options;
  options.path = config.vault_path;
  options.compression = {config.compression.level, config.compression.dictionary};
  return options;
}

}  // namespace postern::daemon
