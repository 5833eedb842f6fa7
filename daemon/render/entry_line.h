#pragma once

#include <string>

#include "core/mail/records.h"

namespace postern::daemon {

/// One entry as `postern ls` shows it, without a line break. Pure.
std::string entry_json(const std::string& account, const MailboxName& mailbox, const Entry& entry);
/// "INBOX  7  2002-08-22T12:36:23+01:00  4711  <64 hex>  \Seen $Work", safe for a terminal.
std::string entry_text(const MailboxName& mailbox, const Entry& entry);

}  // namespace postern::daemon
