#include "core/protocol/mime/part_header.h"

#include <algorithm>

namespace postern::mime {
namespace {

constexpr std::size_t kLongestValue = 4096;
constexpr std::size_t kLongestBoundary = 200;
constexpr std::string_view kBlank = " \t\r\n";

ByteView trimmed(ByteView text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// The next of the pieces that semicolons part, quoted strings kept together; takes it from `rest`.
ByteView take_parameter(ByteView& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ';'); ++end) {
    if (quoted && rest[end] == '\\')
      ++end;
    else if (rest[end] == '"')
      quoted = !quoted;
  }
  end = std::min(end, rest.size());
  const ByteView taken = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(taken);
}

/// A parameter's value: a token, or a quoted string without its quotes and backslashes.
std::string value_of(ByteView text) {
  if (!text.starts_with('"')) return std::string(text.substr(0, text.find_first_of(kBlank)));
  std::string value;
  for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    value.push_back(text[i]);
  }
  return value;
}

}  // namespace

void PartHeader::add(ByteView line) {
  const bool folds = line.starts_with(' ') || line.starts_with('\t');
  if (!folds) {
    folded_ = Field::other;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return;
    const ByteView name = trimmed(line.substr(0, colon));
    if (ascii_iequals(name, "Content-Type") && !type_) folded_ = Field::type;
    if (ascii_iequals(name, "Content-Transfer-Encoding") && !encoding_) folded_ = Field::encoding;
    line.remove_prefix(colon + 1);
  }
  if (folded_ == Field::other) return;
  auto& field = folded_ == Field::type ? type_ : encoding_;
  if (!field) field.emplace();
  *field += line.substr(0, kLongestValue - std::min(field->size(), kLongestValue));
}

PartHeader::Body PartHeader::body() const {
  ByteView parameters = type_ ? ByteView(*type_) : ByteView();
  const ByteView type = take_parameter(parameters);
  if (ascii_istarts_with(type, "multipart/")) return boundary() ? Body::multipart : Body::text;
  if (encoding_ && ascii_iequals(trimmed(*encoding_), "base64")) return Body::base64;
  if (ascii_iequals(type, "message/rfc822") || ascii_iequals(type, "message/global")) return Body::message;
  return Body::text;
}

std::optional<std::string> PartHeader::boundary() const {
  ByteView parameters = type_ ? ByteView(*type_) : ByteView();
  take_parameter(parameters);
  while (!parameters.empty()) {
    const ByteView parameter = take_parameter(parameters);
    const std::size_t equals = parameter.find('=');
    if (equals == parameter.npos || !ascii_iequals(trimmed(parameter.substr(0, equals)), "boundary")) continue;
    std::string value = value_of(trimmed(parameter.substr(equals + 1)));
    if (value.empty() || value.size() > kLongestBoundary) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

}  // namespace postern::mime
