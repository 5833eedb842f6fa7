#pragma once

// Internal to this folder.

#include "core/config/mailbox_rules.h"
#include "core/config/yaml_section.h"

namespace postern::config {

/// Reads the `mailbox_map` of an account; mistakes go to `mistakes`. An account's own list replaces the one under
/// `defaults`.
MailboxRules read_mailbox_map(const Section& account, MistakeList& mistakes);

}  // namespace postern::config
