#include "core/protocol/imap/response_code.h"

#include "core/protocol/imap/code_names.h"

namespace postern::imap {

std::string_view to_string(CodeKind kind) {
  for (const auto& [name, each] : kCodeNames) {
    if (each == kind) return name;
  }
  return kind == CodeKind::none ? "" : "unknown";
}

std::uint64_t AppendUid::count() const {
  std::uint64_t total = 0;
  for (const UidRange& range : uids) total += range.size();
  return total;
}

std::uint64_t ResponseCode::number() const {
  const auto* number = std::get_if<std::uint64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::string_view ResponseCode::text() const {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? std::string_view() : *text;
}

}  // namespace postern::imap
