#pragma once

// Values of the families of small records: records of core/mail/records.h to octets and back (FORMAT.md). What the key
// says is not in the value: decoders leave it to the caller. Pure. A decoder gives ErrorKind::store for damaged octets
// and ErrorKind::vault_format for a record of a newer version, and accepts only what its encoder writes.

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/records.h"
#include "storage/changes.h"

namespace postern::storage {

Bytes encode_mailbox(const MailboxRecord& record);
Result<MailboxRecord> decode_mailbox(ByteView value);  // without id

Bytes encode_entry(const Entry& entry);
Result<Entry> decode_entry(ByteView value);  // without place

/// A history row with what an entry was when it was appended, so that a moment can be told from history alone.
struct HistoryRow {
  HistoryRecord record;
  std::uint64_t size = 0;     // appended
  InternalDate internaldate;  // appended
};
Bytes encode_history(const HistoryRow& row);
Result<HistoryRow> decode_history(ByteView value);  // without seq

Bytes encode_snapshot(const SnapshotRecord& record);
Result<SnapshotRecord> decode_snapshot(ByteView value);  // without at

Bytes encode_quarantine(const QuarantineRecord& record);
Result<QuarantineRecord> decode_quarantine(ByteView value);  // without place, stage and target

/// What an EMAILID stands for.
struct IdentityRow {
  Digest digest;
  std::uint64_t size = 0;
  friend bool operator==(const IdentityRow&, const IdentityRow&) = default;
};
Bytes encode_identity(const IdentityRow& row);
Result<IdentityRow> decode_identity(ByteView value);

Bytes encode_totals(const AccountTotals& totals);
Result<AccountTotals> decode_totals(ByteView value);

Bytes encode_pass_summary(const PassSummary& summary);
Result<PassSummary> decode_pass_summary(ByteView value);

Bytes encode_account(AccountId account);
Result<AccountId> decode_account(ByteView value);

}  // namespace postern::storage
