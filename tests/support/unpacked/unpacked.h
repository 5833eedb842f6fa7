#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace postern::testing {

/// The root of the unpacked packages: `unpacked() / "usr/bin/imapd"`.
std::filesystem::path unpacked();

/// Whether `file` of the unpacked packages is there. Throws where it is not, so that a missing server is a failed test,
/// unless the environment variable `skip` is set. `name` is for the message.
bool unpacked_has(const std::string& file, const std::string& name, const char* skip);

/// The environment in which programs find the libraries below `root`.
std::map<std::string, std::string> unpacked_environment(const std::filesystem::path& root);

}  // namespace postern::testing
