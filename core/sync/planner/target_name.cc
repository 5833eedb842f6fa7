#include "core/sync/planner/target_name.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace postern::sync {
namespace {

bool is_upper_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }

int hex_value(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

bool reads_as_escape(std::string_view component, std::size_t at) {
  if (component.size() == 1) return true;  // would read as an empty component
  return at + 2 < component.size() && is_upper_hex(component[at + 1]) && is_upper_hex(component[at + 2]);
}

/// At either end, or behind another one: servers take such blanks away.
bool blank_is_at_risk(std::string_view component, std::size_t at) {
  return at == 0 || at + 1 == component.size() || component[at - 1] == ' ';
}

bool needs_escape(std::string_view component, std::size_t at, const TargetTree& tree, Escaping escaping) {
  const char c = component[at];
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '%' || c == '*') return true;
  if (tree.delimiter != '\0' && c == tree.delimiter) return true;
  if (c == '=') return reads_as_escape(component, at);
  if (escaping == Escaping::least) return false;
  if (c == ' ') return blank_is_at_risk(component, at);
  return std::string_view("\"\\/.:;?!{}<>|`^~&#").find(c) != std::string_view::npos;
}

void put_escaped(std::string& out, char c) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  const auto octet = static_cast<unsigned char>(c);
  out += '=';
  out += kDigits[octet >> 4];
  out += kDigits[octet & 15];
}

}  // namespace

std::string escape_component(std::string_view component, const TargetTree& tree, Escaping escaping) {
  if (component.empty()) return "=";
  const bool dots = component == "." || component == "..";
  std::string out;
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (dots || needs_escape(component, i, tree, escaping)) {
      put_escaped(out, component[i]);
    } else {
      out += component[i];
    }
  }
  return out;
}

std::string unescape_component(std::string_view component) {
  if (component == "=") return "";
  std::string out;
  for (std::size_t i = 0; i < component.size(); ++i) {
    if (component[i] == '=' && reads_as_escape(component, i)) {
      out += static_cast<char>(hex_value(component[i + 1]) * 16 + hex_value(component[i + 2]));
      i += 2;
    } else {
      out += component[i];
    }
  }
  return out;
}

bool blanks_at_risk(const std::vector<std::string>& components) {
  return std::any_of(components.begin(), components.end(), [](const std::string& one) {
    for (std::size_t i = 0; i < one.size(); ++i) {
      if (one[i] == ' ' && blank_is_at_risk(one, i)) return true;
    }
    return false;
  });
}

Result<MailboxName> target_name(const std::vector<std::string>& components, const TargetTree& tree, Escaping escaping) {
  if (components.empty()) return fail(ErrorKind::internal, "a mailbox name without components");
  const bool under_inbox = ascii_iequals(components.front(), "INBOX");
  if (under_inbox && components.size() == 1) return MailboxName::from_utf8("INBOX", tree.delimiter);
  if (tree.delimiter == '\0') {
    // A flat target: the levels are kept as one name that no other path can have.
    std::string flat;
    const TargetTree slash{'/', ""};
    for (const std::string& one : components)
      flat += (flat.empty() ? "" : "/") + escape_component(one, slash, escaping);
    return MailboxName::from_utf8(flat, tree.delimiter);
  }
  const bool prefix_is_inbox = ascii_istarts_with(tree.prefix, "INBOX");
  std::string name = under_inbox && prefix_is_inbox ? "" : tree.prefix;
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (i != 0) name += tree.delimiter;
    name += i == 0 && under_inbox ? "INBOX" : escape_component(components[i], tree, escaping);
  }
  return MailboxName::from_utf8(name, tree.delimiter);
}

bool has_inbox_namespace(const std::vector<MailboxName>& names) {
  bool any = false;
  for (const MailboxName& name : names) {
    if (name.is_inbox()) continue;
    if (name.delimiter() != '.' || !ascii_istarts_with(name.display(), "INBOX.")) return false;
    any = true;
  }
  return any;
}

std::vector<std::string> personal_path(const MailboxName& name, const TargetTree& tree) {
  if (tree.prefix.empty() || !ascii_istarts_with(name.display(), tree.prefix)) return name.components();
  const auto below =
      MailboxName::from_utf8(std::string_view(name.display()).substr(tree.prefix.size()), tree.delimiter);
  return below ? below->components() : name.components();
}

std::vector<std::string> source_path(const MailboxName& name, bool inbox_namespace) {
  std::vector<std::string> path = name.components();
  if (inbox_namespace && path.size() > 1 && ascii_iequals(path.front(), "INBOX")) path.erase(path.begin());
  return path;
}

}  // namespace postern::sync
