#pragma once

#include <cstdint>
#include <filesystem>

namespace postern::testing {

/// Writes another number of the format into the closed vault at `path`, and gives back the old one.
std::uint32_t exchange_vault_format(const std::filesystem::path& path, std::uint32_t format);

}  // namespace postern::testing
