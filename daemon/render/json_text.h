#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace postern::daemon {

/// A document on one line, keys in the order written. Octets that are no UTF-8 become U+FFFD: output is always JSON.
inline std::string json_text(const nlohmann::ordered_json& document) {
  return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace postern::daemon
