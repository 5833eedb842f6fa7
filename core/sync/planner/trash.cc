#include "core/sync/planner/trash.h"

#include "core/base/bytes.h"
#include "core/sync/planner/special_use_names.h"

namespace postern::sync {

TrashMailbox trash_mailbox(const std::vector<ListedMailbox>& listed, const TargetTree& tree) {
  SpecialUses uses;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (listed[i].selectable) uses.add(i, listed[i].attributes, personal_path(listed[i].name, tree));
  }
  if (const auto holder = uses.holder(SpecialUse::trash)) return {listed[*holder].name, true};
  const auto made = target_name({"Trash"}, tree, Escaping::least);
  const MailboxName name = made ? *made : MailboxName::from_wire(tree.prefix + "Trash", tree.delimiter);
  for (const ListedMailbox& one : listed) {
    if (one.selectable && ascii_iequals(one.name.wire(), name.wire())) return {one.name, true};
  }
  return {name, false};
}

}  // namespace postern::sync
