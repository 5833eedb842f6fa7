#pragma once

// Any key and record of a vault in words, for `postern dump`: the fields in the order and by the names of FORMAT.md.
// Pure. Text that came from servers is as they sent it: whoever prints it escapes it.

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "storage/families.h"

namespace postern::storage {

struct Word {
  std::string name, value;
};

struct RowWords {
  std::vector<Word> key;
  std::vector<Word> record;  // a list's fields are numbered: "piece.1"
  /// Why the record could not be read; then `record` is empty.
  std::string damage = {};
};

/// A key that is none of its family has the one field "octets".
RowWords words_of_row(Family family, ByteView key, ByteView value);

}  // namespace postern::storage
