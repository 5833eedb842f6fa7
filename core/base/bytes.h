#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// Octets, owned and borrowed. Mail and protocols are octets that are mostly text: std::string and std::string_view
/// give cheap slicing, small-buffer storage and literals in tests, and never imply an encoding here.
using Bytes = std::string;
using ByteView = std::string_view;

/// ASCII-only case folding: protocol keywords are ASCII, and the C library's depends on the locale.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char ascii_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
std::string ascii_lower(std::string_view text);
std::string ascii_upper(std::string_view text);
bool ascii_iequals(std::string_view a, std::string_view b);
bool ascii_istarts_with(std::string_view text, std::string_view prefix);
/// a < b with ASCII case folded.
bool ascii_iless(std::string_view a, std::string_view b);

/// Lower-case hexadecimal digits, two an octet.
std::string to_hex(ByteView octets);
/// Digits of either case; none where these are no whole octets.
std::optional<Bytes> from_hex(std::string_view digits);

}  // namespace postern
