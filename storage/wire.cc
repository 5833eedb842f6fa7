#include "storage/wire.h"

#include <array>
#include <string>

namespace postern::storage {
namespace {

/// Bits of the octet that system flags take. Persisted: DO NOT CHANGE.
constexpr std::array<std::string_view, 5> kSystemFlags = {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"};
/// Set when keywords follow.
constexpr std::uint8_t kHasKeywords = 0x80;

std::uint8_t system_bit(std::string_view flag) {
  for (std::size_t i = 0; i < kSystemFlags.size(); ++i) {
    if (flag == kSystemFlags[i]) return static_cast<std::uint8_t>(1u << i);
  }
  return 0;
}

}  // namespace

void RecordWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<char>(value));
}

void RecordWriter::signed_varint(std::int64_t value) {
  varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

void RecordWriter::text(std::string_view value) {
  varint(value.size());
  out_ += value;
}

void RecordWriter::date(const InternalDate& value) {
  signed_varint(value.unix_seconds);
  signed_varint(value.zone_minutes);
}

void RecordWriter::flags(const FlagSet& value) {
  std::uint8_t bits = 0;
  std::size_t keywords = 0;
  for (const std::string& flag : value) {
    const std::uint8_t bit = system_bit(flag);
    bits |= bit;
    if (bit == 0) ++keywords;
  }
  if (keywords == 0) return u8(bits);
  u8(bits | kHasKeywords);
  varint(keywords);
  for (const std::string& flag : value) {
    if (system_bit(flag) == 0) text(flag);
  }
}

void RecordWriter::name(const MailboxName& value) {
  text(value.wire());
  // The display name follows from the wire name but for servers that send raw UTF-8.
  const bool utf8 = MailboxName::from_wire(value.wire(), value.delimiter(), false).display() != value.display();
  u8(utf8 ? 1 : 0);
  u8(static_cast<std::uint8_t>(value.delimiter()));
}

void RecordWriter::uids(const UidSet& value) {
  varint(value.ranges().size());
  std::uint32_t before = 0;
  for (const UidRange& range : value.ranges()) {
    varint(range.first - before - 1);  // UIDs skipped
    varint(range.last - range.first);
    before = range.last;
  }
}

std::uint8_t RecordReader::u8() {
  const ByteView octet = octets(1);
  return octet.empty() ? 0 : static_cast<std::uint8_t>(octet.front());
}

std::uint64_t RecordReader::varint(std::uint64_t max) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t octet = u8();
    const std::uint64_t group = octet & 0x7F;
    if (!fine_ || (shift == 63 && group > 1)) break;
    value |= group << shift;
    if (octet < 0x80) {
      if ((octet == 0 && shift != 0) || value > max) break;  // a longer spelling than needed; out of range
      return value;
    }
  }
  refuse();
  return 0;
}

std::int64_t RecordReader::signed_varint() {
  const std::uint64_t value = varint();
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

ByteView RecordReader::octets(std::size_t count) {
  if (count > left_.size()) {
    refuse();
    return {};
  }
  const ByteView taken = left_.substr(0, count);
  left_.remove_prefix(count);
  return taken;
}

Digest RecordReader::digest() {
  const ByteView taken = octets(Digest::kOctets);
  if (!fine_) return {};
  return *Digest::from_octets(taken);
}

std::string_view RecordReader::text() { return octets(static_cast<std::size_t>(varint())); }

InternalDate RecordReader::date() {
  InternalDate value;
  value.unix_seconds = signed_varint();
  const std::int64_t zone = signed_varint();
  if (zone < -1439 || zone > 1439) refuse();
  if (!fine_) return {};
  value.zone_minutes = static_cast<std::int16_t>(zone);
  return value;
}

FlagSet RecordReader::flags() {
  FlagSet value;
  const std::uint8_t bits = u8();
  if ((bits & ~(kHasKeywords | 0x1F)) != 0) refuse();
  for (std::size_t i = 0; fine_ && i < kSystemFlags.size(); ++i) {
    if ((bits & (1u << i)) != 0) value.insert(kSystemFlags[i]);
  }
  if (!fine_ || (bits & kHasKeywords) == 0) return value;
  const std::size_t keywords = count(2);
  if (keywords == 0) refuse();
  std::string_view before;
  for (std::size_t i = 0; fine_ && i < keywords; ++i) {
    // Sorted, once each, none that the set would drop or respell: the one spelling that flags() writes.
    const std::string_view flag = text();
    const std::size_t size = value.size();
    if ((i > 0 && !ascii_iless(before, flag)) || ascii_iequals(flag, "\\Recent")) refuse();
    value.insert(flag);
    if (value.size() == size) refuse();
    for (const std::string_view system : kSystemFlags) {
      if (ascii_iequals(flag, system)) refuse();
    }
    before = flag;
  }
  return fine_ ? value : FlagSet();
}

MailboxName RecordReader::name() {
  const std::string_view wire = text();
  const std::uint8_t utf8 = u8();
  const char delimiter = static_cast<char>(u8());
  if (!fine_ || utf8 > 1) {
    refuse();
    return {};
  }
  MailboxName value = MailboxName::from_wire(wire, delimiter, utf8 == 1);
  const bool respelled = value.wire() != wire;
  const bool needless = utf8 == 1 && MailboxName::from_wire(wire, delimiter, false).display() == value.display();
  if (respelled || needless) {
    refuse();
    return {};
  }
  return value;
}

UidSet RecordReader::uids() {
  UidSet value;
  std::uint64_t before = 0;
  const std::size_t ranges = count(2);
  for (std::size_t i = 0; fine_ && i < ranges; ++i) {
    const std::uint64_t skipped = varint32();
    const std::uint64_t first = before + skipped + 1;
    const std::uint64_t last = first + varint32();
    // Ranges that touch would be one: the one spelling that uids() writes.
    if ((i > 0 && skipped == 0) || last > UINT32_MAX) refuse();
    if (!fine_) return {};
    value.add(UidRange{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
    before = last;
  }
  return fine_ ? value : UidSet();
}

std::size_t RecordReader::count(std::size_t min_octets) {
  const std::uint64_t value = varint();
  if (value > left_.size() / min_octets) {
    refuse();
    return 0;
  }
  return static_cast<std::size_t>(value);
}

ByteView RecordReader::rest() { return octets(left_.size()); }

Error damaged_record(std::string_view what, ByteView record) {
  if (!record.empty() && static_cast<std::uint8_t>(record.front()) > kRecordVersion) {
    Error error(ErrorKind::vault_format, "the vault holds a newer kind of " + std::string(what) + " record (version " +
                                             std::to_string(static_cast<std::uint8_t>(record.front())) + ")");
    error.remedy("use the newer Postern that wrote it");
    return error;
  }
  Error error(ErrorKind::store, "the vault holds a damaged " + std::string(what) + " record");
  error.remedy("run postern check; if it finds more, restore the vault from a backup");
  return error;
}

}  // namespace postern::storage
