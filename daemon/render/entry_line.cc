#include "daemon/render/entry_line.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/base/escape.h"
#include "daemon/render/json_text.h"

namespace postern::daemon {

std::string entry_json(const std::string& account, const MailboxName& mailbox, const Entry& entry) {
  return json_text({{"account", account},
                    {"mailbox", mailbox.display()},
                    {"uidvalidity", entry.place.uidvalidity.value()},
                    {"uid", entry.place.uid.value()},
                    {"digest", entry.digest.to_hex()},
                    {"size", entry.size},
                    {"flags", std::vector<std::string>(entry.flags.begin(), entry.flags.end())},
                    {"internaldate", entry.internaldate.to_rfc3339()}});
}

std::string entry_text(const MailboxName& mailbox, const Entry& entry) {
  return fmt::format("{}  {}  {}  {}  {}  {}", escape_for_people(mailbox.display()), entry.place.uid.value(),
                     entry.internaldate.to_rfc3339(), entry.size, entry.digest.to_hex(),
                     escape_for_people(entry.flags.to_string()));
}

}  // namespace postern::daemon
