#pragma once

#include "core/config/config.h"
#include "storage/vault.h"

namespace postern::daemon {

/// The configured vault, to be made where there is none.
storage::VaultOptions vault_options(const config::Config& config);

}  // namespace postern::daemon
