#include "core/mail/modified_utf7.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/utf8.h"

namespace postern {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

bool stands_for_itself(std::uint32_t c) { return c >= 0x20 && c <= 0x7E; }
bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

tl::unexpected<Error> bad_name(std::string_view why) {
  return fail(ErrorKind::protocol, fmt::format("mailbox name is not modified UTF-7: {}", why));
}

/// Writes one shifted run: "&", base64 of UTF-16BE without padding, "-".
class ShiftedRun {
 public:
  explicit ShiftedRun(std::string& out) : out_(out) {}

  void put(std::uint32_t code_point) {
    if (!open_) out_.push_back('&');
    open_ = true;
    if (code_point < 0x10000) return put_unit(code_point);
    put_unit(0xD800 + ((code_point - 0x10000) >> 10));
    put_unit(0xDC00 + ((code_point - 0x10000) & 0x3FF));
  }
  void close() {
    if (!open_) return;
    if (bits_ > 0) out_.push_back(kAlphabet[(held_ << (6 - bits_)) & 0x3F]);
    out_.push_back('-');
    open_ = false;
    held_ = 0;
    bits_ = 0;
  }

 private:
  void put_unit(std::uint32_t unit) {
    held_ = (held_ << 16) | unit;
    for (bits_ += 16; bits_ >= 6; bits_ -= 6) out_.push_back(kAlphabet[(held_ >> (bits_ - 6)) & 0x3F]);
    held_ &= (1u << bits_) - 1;
  }

  std::string& out_;
  bool open_ = false;
  std::uint32_t held_ = 0;  // the low `bits_` bits are still to be written
  unsigned bits_ = 0;
};

/// Appends what the base64 inside of one shifted run stands for.
Result<void> decode_run(std::string_view base64, std::string& out) {
  std::uint32_t held = 0;
  unsigned bits = 0;
  std::uint32_t high = 0;  // a high surrogate that waits for its low one
  for (const char c : base64) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return bad_name("a character outside its base64 alphabet");
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    const std::uint32_t unit = (held >> bits) & 0xFFFF;
    held &= (1u << bits) - 1;
    if (is_low_surrogate(unit) != (high != 0)) return bad_name("a lone surrogate");
    if (is_high_surrogate(unit)) {
      high = unit;
    } else {
      append_utf8(out, high == 0 ? unit : 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
    }
  }
  if (high != 0) return bad_name("a lone surrogate");
  return {};
}

}  // namespace

Result<std::string> encode_modified_utf7(std::string_view utf8) {
  std::string out;
  ShiftedRun run(out);
  while (!utf8.empty()) {
    const auto [code_point, octets] = decode_utf8(utf8);
    if (octets == 0) return fail(ErrorKind::usage, "mailbox name is not valid UTF-8");
    if (stands_for_itself(code_point)) {
      run.close();
      out.push_back(static_cast<char>(code_point));
      if (code_point == '&') out.push_back('-');
    } else {
      run.put(code_point);
    }
    utf8.remove_prefix(octets);
  }
  run.close();
  return out;
}

Result<std::string> decode_modified_utf7(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!stands_for_itself(static_cast<unsigned char>(name[i]))) return bad_name("a raw control or 8-bit octet");
    if (name[i] != '&') {
      out.push_back(name[i]);
      continue;
    }
    const std::size_t end = name.find('-', i + 1);
    if (end == std::string_view::npos) return bad_name("a shift that does not end");
    if (end == i + 1) {
      out.push_back('&');
    } else if (auto run = decode_run(name.substr(i + 1, end - i - 1), out); !run) {
      return tl::unexpected(std::move(run).error());
    }
    i = end;
  }
  // Everything else that is not canonical: printable ASCII in base64, two runs in a row, spare bits, spare digits.
  if (*encode_modified_utf7(out) != name) return bad_name("not the canonical spelling");
  return out;
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t octets = decode_utf8(text).octets;
    if (octets == 0) return false;
    text.remove_prefix(octets);
  }
  return true;
}

}  // namespace postern
