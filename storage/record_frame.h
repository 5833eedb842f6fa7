#pragma once

// What every record's encoder begins with and every decoder ends with (FORMAT.md). Pure.

#include <chrono>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "storage/wire.h"

namespace postern::storage {

inline RecordWriter begin_record() {
  RecordWriter out;
  out.u8(kRecordVersion);
  return out;
}

inline RecordReader open_record(ByteView value) {
  RecordReader in(value);
  if (in.u8() != kRecordVersion) in.refuse();
  return in;
}

template <class T>
Result<T> finish(const RecordReader& in, T record, std::string_view what, ByteView value) {
  if (!in.done()) return fail(damaged_record(what, value));
  return record;
}

/// Octets that only have the bits of `mask`.
inline std::uint8_t read_bits(RecordReader& in, std::uint8_t mask) {
  const std::uint8_t bits = in.u8();
  if ((bits & ~mask) != 0) in.refuse();
  return bits;
}

inline void write_time(RecordWriter& out, WallTime at) { out.signed_varint(at.time_since_epoch().count()); }
inline WallTime read_time(RecordReader& in) { return WallTime(std::chrono::milliseconds(in.signed_varint())); }

}  // namespace postern::storage
