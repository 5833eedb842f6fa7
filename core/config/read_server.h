#pragma once

// Internal to this folder.

#include <string>

#include "core/config/config.h"
#include "core/config/yaml_section.h"

namespace postern::config {

/// "/etc/postern" and "ca.pem" give "/etc/postern/ca.pem"; an absolute path, and one that begins with "$", stays.
std::string path_from(const std::string& folder, const std::string& path);

/// True for a name or address that never leaves the machine: localhost, 127.0.0.0/8, ::1.
bool is_loopback(const std::string& host);

/// Reads `source` or `target`. Whatever is wrong goes to the section's list; the value is then of no use.
Server read_server(const Section& section, const std::string& folder);

/// Whether it is an IPv4 or an IPv6 address.
bool is_address(const std::string& host);

}  // namespace postern::config
