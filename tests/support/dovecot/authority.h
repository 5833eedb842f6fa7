#pragma once

#include <filesystem>

namespace postern::testing {

/// Files of a certificate authority and of a server certificate from it for "localhost", 127.0.0.1 and ::1.
struct AuthorityFiles {
  std::filesystem::path ca, certificate, key;  // PEM
};

/// Makes them in `directory` with the openssl command; throws when that is not possible.
AuthorityFiles make_authority(const std::filesystem::path& directory);

}  // namespace postern::testing
