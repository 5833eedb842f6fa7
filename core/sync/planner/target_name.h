#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/mail/mailbox_name.h"

namespace postern::sync {

/// How much of a name is written as "=XX" so that the target takes it.
enum class Escaping : std::uint8_t {
  least,   // what cannot stand in any name: the target's delimiter, controls, list wildcards, "." and ".."
  strict,  // also what some servers refuse: " \ / . : ; ? ! { } < > | ` ^ ~ & # and blanks at an end or in a row
};

/// The tree that a target's names grow in.
struct TargetTree {
  char delimiter = '/';  // '\0': flat
  std::string prefix;    // of the personal namespace, "" or "INBOX."
};

/// One component of a name as the target takes it. Reversible: "=" and two upper-case hex digits stand for an octet, an
/// empty component is "=", and "=" itself is escaped where it would read as either.
std::string escape_component(std::string_view component, const TargetTree& tree, Escaping escaping);
std::string unescape_component(std::string_view component);

/// Whether a component has blanks at an end or in a row, which some servers take away without a word.
bool blanks_at_risk(const std::vector<std::string>& components);

/// The target's name for a path of components. INBOX in any case as the first of several, and alone, is INBOX.
Result<MailboxName> target_name(const std::vector<std::string>& components, const TargetTree& tree, Escaping escaping);

/// The levels of a target's name below its personal namespace.
std::vector<std::string> personal_path(const MailboxName& name, const TargetTree& tree);

/// True when every mailbox but INBOX lies under it, with a delimiter of '.': the source keeps its personal namespace
/// there (Courier, Cyrus), and the level is no part of the tree.
bool has_inbox_namespace(const std::vector<MailboxName>& names);

/// The components of a source name, without a level that is only the source's namespace.
std::vector<std::string> source_path(const MailboxName& name, bool inbox_namespace);

}  // namespace postern::sync
