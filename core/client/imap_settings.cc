#include "core/client/imap_settings.h"

#include <random>
#include <utility>

#include "core/base/bytes.h"

namespace postern::client {
namespace {

Task<Result<Secret>> give(Secret password) { co_return Result<Secret>(std::move(password)); }

}  // namespace

std::string random_nonce() {
  std::random_device random;
  Bytes octets;
  for (int i = 0; i < 18; ++i) octets.push_back(static_cast<char>(random() & 0xff));
  return to_hex(octets);
}

PasswordProvider fixed_password(Secret password) {
  return [password = std::move(password)](Wait) { return give(password); };
}

}  // namespace postern::client
