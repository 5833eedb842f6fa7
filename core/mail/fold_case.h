#pragma once

#include <string>
#include <string_view>

namespace postern {

/// The text with the letters of Latin, Greek, Cyrillic and Armenian script, and full-width ones, in lower case: enough
/// to see that two mailbox names differ in case alone. Octets that are no UTF-8 stay as they are. Unlike Unicode's full
/// folding it changes no length ("ß" stays), knows no language, and composes no accents.
std::string fold_case(std::string_view utf8);

}  // namespace postern
