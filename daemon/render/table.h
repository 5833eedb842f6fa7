#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

/// How many columns of a terminal UTF-8 text takes, one a character: good for the names and numbers shown here.
std::size_t columns_of(std::string_view text);

/// Rows under a heading, in columns as wide as their widest cell. Cells are shown as they are: escape them first.
class Table {
 public:
  /// `right` lists the columns that are aligned to the right.
  Table(std::vector<std::string> heading, std::vector<std::size_t> right);
  void add(std::vector<std::string> row);
  std::string to_string() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> right_;
};

}  // namespace postern::daemon
