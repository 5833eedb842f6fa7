#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace postern::config {

/// Something wrong in a configuration file, and where. Lines and columns count from 1; 0 when the file as a whole is
/// meant.
struct Mistake {
  enum class Severity : std::uint8_t { warning, error };
  Severity severity = Severity::error;
  std::string file;
  int line = 0;
  int column = 0;
  std::string text;

  /// "postern.yaml:7:11: accounts[0].source: unknown key 'hst'; did you mean 'host'?"
  std::string to_string() const;
  friend bool operator==(const Mistake&, const Mistake&) = default;
};

bool has_errors(const std::vector<Mistake>& mistakes);

}  // namespace postern::config
