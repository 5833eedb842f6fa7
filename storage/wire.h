#pragma once

// The primitives that records are written in (FORMAT.md, "Primitives"). Pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/mail/digest.h"
#include "core/mail/flag_set.h"
#include "core/mail/internal_date.h"
#include "core/mail/mailbox_name.h"
#include "core/mail/uid_set.h"

namespace postern::storage {

/// Appends primitives to a record.
class RecordWriter {
 public:
  /// For a record whose size is known: memory for it at once.
  void reserve(std::size_t octets) { out_.reserve(octets); }
  void u8(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  /// LEB128, least significant group first.
  void varint(std::uint64_t value);
  /// Zigzag, then varint.
  void signed_varint(std::int64_t value);
  void octets(ByteView value) { out_ += value; }
  void digest(const Digest& value) { out_ += value.octets(); }
  /// Length, then octets.
  void text(std::string_view value);
  void date(const InternalDate& value);
  void flags(const FlagSet& value);
  void name(const MailboxName& value);
  void uids(const UidSet& value);

  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

/// Takes primitives from a record that may be damaged: after the first that does not fit, every call gives a zero value
/// and fine() stays false. Accepts exactly one spelling of each value, so that decoding and encoding give the same
/// octets.
class RecordReader {
 public:
  explicit RecordReader(ByteView record) : left_(record) {}

  std::uint8_t u8();
  std::uint64_t varint(std::uint64_t max = UINT64_MAX);
  std::uint32_t varint32() { return static_cast<std::uint32_t>(varint(UINT32_MAX)); }
  std::int64_t signed_varint();
  ByteView octets(std::size_t count);
  Digest digest();
  std::string_view text();
  InternalDate date();
  FlagSet flags();
  MailboxName name();
  UidSet uids();
  /// How many items follow, each of at least `min_octets`: never more than the record can hold.
  std::size_t count(std::size_t min_octets);
  ByteView rest();

  /// The record ends here: fine and nothing left over.
  bool done() const { return fine_ && left_.empty(); }
  bool fine() const { return fine_; }
  void refuse() {
    fine_ = false;
    left_ = {};
  }

 private:
  ByteView left_;
  bool fine_ = true;
};

/// The first octet of every record is its version; all are 1 so far.
inline constexpr std::uint8_t kRecordVersion = 1;

/// What is wrong with `record`, named by `what` ("entry"), once its reader has refused it: ErrorKind::vault_format when
/// it is of a newer version, else ErrorKind::store.
Error damaged_record(std::string_view what, ByteView record);

}  // namespace postern::storage
