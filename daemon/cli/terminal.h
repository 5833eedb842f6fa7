#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace postern::daemon {

/// Lines at the bottom of a terminal that are drawn again and again in place.
class LiveLines {
 public:
  explicit LiveLines(std::ostream& terminal) : terminal_(terminal) {}
  void draw(const std::vector<std::string>& lines);
  /// Takes them away, for other output or for good.
  void clear();

 private:
  std::ostream& terminal_;
  std::size_t drawn_ = 0;
};

/// Of the terminal on stderr; 80 × 24 when it does not say.
struct TerminalSize {
  std::size_t columns = 80;
  std::size_t lines = 24;
};
TerminalSize terminal_size();

}  // namespace postern::daemon
