#include "core/config/mistake.h"

#include <algorithm>

namespace postern::config {

std::string Mistake::to_string() const {
  std::string out = file;
  if (line > 0) out += ':' + std::to_string(line) + ':' + std::to_string(column);
  out += severity == Severity::warning ? ": warning: " : ": ";
  return out + text;
}

bool has_errors(const std::vector<Mistake>& mistakes) {
  return std::any_of(mistakes.begin(), mistakes.end(),
                     [](const Mistake& mistake) { return mistake.severity == Mistake::Severity::error; });
}

}  // namespace postern::config
