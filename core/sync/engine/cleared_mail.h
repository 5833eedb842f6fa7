#pragma once

#include "core/sync/engine/target_mailbox.h"

namespace postern::sync {

/// What Postern deleted at the source (`delete_source`) is on the target alone, and in the vault. These look after it
/// where the target mailbox was restored from a backup or made anew.

/// UIDs of the source's generation that a restored target has lost (Binding::leaving, kNowhere): to be sent again.
Task<Result<UidSet>> lost_cleared_mail(TargetMailbox& mailbox);

/// Behind a first contact, and where the source has a new UIDVALIDITY: what stood in an older generation of the target
/// mailbox and was not found in this one is reported, and forgotten. It is not sent again, for a person may have
/// deleted it there in all the time since. Nor is what a restored target has lost of an older generation of the source,
/// or, with `source_gone`, of this one. What the source has still, for its deletion was cut off, is sent: the binding
/// stays, lest our own \Deleted be taken for a person's.
Task<Result<void>> give_up_cleared_mail(TargetMailbox& mailbox, bool source_gone = false);

/// Behind a comparison of a restored target: what was lost of other mailboxes that share it and are gone at the source
/// is reported, for they have no turn. Should one come back, it is sent.
Task<Result<void>> report_cleared_of_gone(TargetMailbox& mailbox);

}  // namespace postern::sync
