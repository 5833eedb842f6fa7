#pragma once

// Values of the families that are about targets: binding (and doubts), intent, store_intent, guard, audit, and an
// account's origin. As in records_codec.h: what the key says is not in the value. Pure.

#include <string>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/mail/records.h"

namespace postern::storage {

struct TargetRow {
  std::string name;
  HistorySeq cursor;
};
Bytes encode_target(const TargetRow& row);
Result<TargetRow> decode_target(ByteView value);

Bytes encode_target_mailbox(const TargetMailboxRecord& record);
Result<TargetMailboxRecord> decode_target_mailbox(ByteView value);  // without source

Bytes encode_binding(const Binding& binding);
Result<Binding> decode_binding(ByteView value);  // without place

Bytes encode_intent(const Intent& intent);
Result<Intent> decode_intent(ByteView value);  // without id

Bytes encode_doubt(const Doubt& doubt);
Result<Doubt> decode_doubt(ByteView value);  // without place

Bytes encode_store_intent(const StoreIntent& intent);
Result<StoreIntent> decode_store_intent(ByteView value);  // without id

Bytes encode_guard_hold(const GuardHold& hold);
Result<GuardHold> decode_guard_hold(ByteView value);  // without target and mailbox

Bytes encode_audit(const AuditRecord& record);
Result<AuditRecord> decode_audit(ByteView value);

Bytes encode_origin(const std::string& origin);
Result<std::string> decode_origin(ByteView value);

}  // namespace postern::storage
