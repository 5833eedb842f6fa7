#include "core/protocol/imap/response.h"

#include <algorithm>

namespace postern::imap {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::ok:
      return "OK";
    case Status::no:
      return "NO";
    case Status::bad:
      return "BAD";
    case Status::bye:
      return "BYE";
    case Status::preauth:
      return "PREAUTH";
  }
  return "unknown";
}

bool ListData::has_attribute(std::string_view attribute) const {
  return std::any_of(attributes.begin(), attributes.end(),
                     [&](const std::string& each) { return ascii_iequals(each, attribute); });
}

const BodySection* FetchData::section(std::string_view name) const {
  const auto found = std::find_if(sections.begin(), sections.end(),
                                  [&](const BodySection& each) { return ascii_iequals(each.section, name); });
  return found == sections.end() ? nullptr : &*found;
}

}  // namespace postern::imap
