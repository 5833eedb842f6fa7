#include "core/base/base64.h"

#include <array>
#include <cstdint>

namespace postern {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = kNoDigit;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

/// A digit's value; above 63 for what is none.
std::uint32_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

tl::unexpected<Error> bad(const char* why) {
  return fail(ErrorKind::protocol, std::string("malformed base64: ") + why);
}

char* encode_group(ByteView three, char* to) {
  const auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(three[i])); };
  const std::uint32_t group = octet(0) << 16 | octet(1) << 8 | octet(2);
  to[0] = kAlphabet[group >> 18];
  to[1] = kAlphabet[(group >> 12) & 63];
  to[2] = kAlphabet[(group >> 6) & 63];
  to[3] = kAlphabet[group & 63];
  return to + 4;
}

/// The last group, of two or three digits before the padding.
bool decode_short_group(std::string_view digits, char*& to) {
  std::uint32_t group = 0;
  std::uint32_t any = 0;
  for (const char c : digits) {
    group = (group << 6) | value_of(c);
    any |= value_of(c);
  }
  if (any > 63) return false;
  if (digits.size() == 2) {
    *to++ = static_cast<char>(group >> 4);
    return (group & 0xF) == 0;
  }
  *to++ = static_cast<char>(group >> 10);
  *to++ = static_cast<char>(group >> 2);
  return (group & 3) == 0;
}

bool decode(std::string_view text, char* to) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t whole = text.size() - (padding == 0 ? 0 : 4);
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < whole; i += 4) {
    const std::uint32_t a = value_of(text[i]);
    const std::uint32_t b = value_of(text[i + 1]);
    const std::uint32_t c = value_of(text[i + 2]);
    const std::uint32_t d = value_of(text[i + 3]);
    any |= a | b | c | d;
    *to++ = static_cast<char>(a << 2 | b >> 4);
    *to++ = static_cast<char>(b << 4 | c >> 2);
    *to++ = static_cast<char>(c << 6 | d);
  }
  return any <= 63 && (padding == 0 || decode_short_group(text.substr(whole, 4 - padding), to));
}

}  // namespace

void base64_encode(ByteView octets, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + (octets.size() + 2) / 3 * 4);
  char* to = out.data() + before;
  while (octets.size() >= 3) {
    to = encode_group(octets.substr(0, 3), to);
    octets.remove_prefix(3);
  }
  if (octets.empty()) return;
  const char padded[3] = {octets[0], octets.size() > 1 ? octets[1] : '\0', '\0'};
  to = encode_group({padded, 3}, to);
  to[-1] = '=';
  if (octets.size() == 1) to[-2] = '=';
}

std::string base64_encode(ByteView octets) {
  std::string out;
  base64_encode(octets, out);
  return out;
}

bool base64_decode(std::string_view text, Bytes& out) {
  if (text.empty()) return true;
  if (text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t before = out.size();
  out.resize(before + text.size() / 4 * 3 - padding);
  if (decode(text, out.data() + before)) return true;
  out.resize(before);
  return false;
}

Result<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return bad("its length is no multiple of four");
  Bytes out;
  if (!base64_decode(text, out)) return bad("a character outside its alphabet, or bits behind the last octet");
  return out;
}

}  // namespace postern
