#include "core/sync/engine/origin.h"

namespace postern::sync {

Task<Result<bool>> is_own_source(Context& context) {
  if (context.options.origin.empty()) co_return true;
  auto known = co_await context.vault.origin();
  if (!known) co_return fail(known.error());
  co_return known->empty() || *known == context.options.origin;
}

}  // namespace postern::sync
