#pragma once

#include <string>

#include "core/mail/flag_set.h"
#include "core/mail/mailbox_name.h"
#include "core/mail/records.h"

namespace postern::daemon {

// How mailboxes and messages are called as files. A mailbox's name comes from a server and may be anything
// ("../../etc", NUL, 4 KiB long): what these functions give is one path component that names nothing outside its
// folder. Pure.

/// The Maildir++ folder of a mailbox, below the root that is INBOX: "" for INBOX, ".Work.2020" else. A component is in
/// modified UTF-7, as Dovecot and Courier write it, with "." "/" "%" "\" and control characters as "%2E"; an empty
/// component is "%". Two mailboxes never share a folder; one whose name would be longer than a file system allows is
/// cut and ends in a hash of the whole.
std::string maildir_folder(const MailboxName& mailbox);

/// One component of a mailbox's name as a folder's name, UTF-8 kept, encoded in the same way.
std::string folder_component(const std::string& component);

/// "1029000983.V1U7.postern,S=4711": unique in its mailbox.
std::string maildir_base_name(const Entry& entry);

/// The letters of the standard flags in a Maildir name, in their order: \Draft D, \Flagged F, $Forwarded P, \Answered
/// R, \Seen S, \Deleted T.
std::string maildir_flag_letters(const FlagSet& flags);

/// True for a flag that has no letter of its own.
bool is_maildir_keyword(std::string_view flag);

}  // namespace postern::daemon
