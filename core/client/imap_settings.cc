#include "core/client/imap_settings.h"

#include <utility>

namespace postern::client {
namespace {

Task<Result<Secret>> give(Secret password) { co_return Result<Secret>(std::move(password)); }

}  // namespace

PasswordProvider fixed_password(Secret password) {
  return [password = std::move(password)](Wait) { return give(password); };
}

}  // namespace postern::client
