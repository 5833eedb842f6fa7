#pragma once

#include "core/sync/engine/context.h"

namespace postern::sync {

/// Whether the source is the account that filled the vault, as far as is known: a vault that has not noted yet where it
/// comes from believes it.
Task<Result<bool>> is_own_source(Context& context);

}  // namespace postern::sync
