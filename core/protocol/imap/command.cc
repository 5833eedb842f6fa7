#include "core/protocol/imap/command.h"

namespace postern::imap {
namespace {

struct Names {
  std::string_view operator()(const Capability&) const { return "CAPABILITY"; }
  std::string_view operator()(const Noop&) const { return "NOOP"; }
  std::string_view operator()(const StartTls&) const { return "STARTTLS"; }
  std::string_view operator()(const CompressDeflate&) const { return "COMPRESS"; }
  std::string_view operator()(const Idle&) const { return "IDLE"; }
  std::string_view operator()(const NamespaceCommand&) const { return "NAMESPACE"; }
  std::string_view operator()(const Unselect&) const { return "UNSELECT"; }
  std::string_view operator()(const Close&) const { return "CLOSE"; }
  std::string_view operator()(const Logout&) const { return "LOGOUT"; }
  std::string_view operator()(const Id&) const { return "ID"; }
  std::string_view operator()(const Authenticate&) const { return "AUTHENTICATE"; }
  std::string_view operator()(const Login&) const { return "LOGIN"; }
  std::string_view operator()(const Enable&) const { return "ENABLE"; }
  std::string_view operator()(const List&) const { return "LIST"; }
  std::string_view operator()(const Lsub&) const { return "LSUB"; }
  std::string_view operator()(const StatusCommand&) const { return "STATUS"; }
  std::string_view operator()(const Select& command) const { return command.read_only ? "EXAMINE" : "SELECT"; }
  std::string_view operator()(const UidFetch&) const { return "UID FETCH"; }
  std::string_view operator()(const UidSearch&) const { return "UID SEARCH"; }
  std::string_view operator()(const UidStore&) const { return "UID STORE"; }
  std::string_view operator()(const Append&) const { return "APPEND"; }
  std::string_view operator()(const Create&) const { return "CREATE"; }
  std::string_view operator()(const Delete&) const { return "DELETE"; }
  std::string_view operator()(const Rename&) const { return "RENAME"; }
  std::string_view operator()(const Subscribe&) const { return "SUBSCRIBE"; }
  std::string_view operator()(const Unsubscribe&) const { return "UNSUBSCRIBE"; }
  std::string_view operator()(const UidCopy&) const { return "UID COPY"; }
  std::string_view operator()(const UidMove&) const { return "UID MOVE"; }
  std::string_view operator()(const Expunge&) const { return "EXPUNGE"; }
  std::string_view operator()(const UidExpunge&) const { return "UID EXPUNGE"; }
  std::string_view operator()(const GetQuotaRoot&) const { return "GETQUOTAROOT"; }
};

using Extensions = std::vector<std::string_view>;

struct Needs {
  template <class Other>
  Extensions operator()(const Other&) const {
    return {};
  }
  Extensions operator()(const NamespaceCommand&) const { return {"NAMESPACE"}; }
  Extensions operator()(const Id&) const { return {"ID"}; }
  Extensions operator()(const Idle&) const { return {"IDLE"}; }
  Extensions operator()(const Unselect&) const { return {"UNSELECT"}; }
  Extensions operator()(const CompressDeflate&) const { return {"COMPRESS=DEFLATE"}; }
  Extensions operator()(const Enable&) const { return {"ENABLE"}; }
  Extensions operator()(const UidMove&) const { return {"MOVE"}; }
  Extensions operator()(const UidExpunge&) const { return {"UIDPLUS"}; }
  Extensions operator()(const GetQuotaRoot&) const { return {"QUOTA"}; }
  Extensions operator()(const List& command) const {
    Extensions out;
    if (command.status) out.push_back("LIST-STATUS");
    if (command.status && command.status->mailbox_id) out.push_back("OBJECTID");
    if (command.extended() && !command.status) out.push_back("LIST-EXTENDED");
    return out;
  }
  Extensions operator()(const StatusCommand& command) const {
    return command.items.mailbox_id ? Extensions{"OBJECTID"} : Extensions{};
  }
  Extensions operator()(const Select& command) const {
    if (command.qresync) return {"QRESYNC"};
    return command.condstore ? Extensions{"CONDSTORE"} : Extensions{};
  }
  Extensions operator()(const UidFetch& command) const {
    Extensions out;
    if (command.vanished) out.push_back("QRESYNC");
    if ((command.changed_since || command.items.modseq) && !command.vanished) out.push_back("CONDSTORE");
    if (command.items.email_id) out.push_back("OBJECTID");
    if (command.items.gmail || command.items.gmail_message_id) out.push_back("X-GM-EXT-1");
    if (command.page) out.push_back("PARTIAL");
    return out;
  }
  Extensions operator()(const UidSearch& command) const {
    Extensions out;
    if (command.page) {
      out.push_back("PARTIAL");
    } else if (command.return_all) {
      out.push_back("ESEARCH");
    }
    if (command.modseq) out.push_back("CONDSTORE");
    return out;
  }
  Extensions operator()(const UidStore& command) const {
    return command.unchanged_since ? Extensions{"CONDSTORE"} : Extensions{};
  }
  Extensions operator()(const Append& command) const {
    return command.messages.size() > 1 ? Extensions{"MULTIAPPEND"} : Extensions{};
  }
};

}  // namespace

std::string_view name_of(const Command& command) { return std::visit(Names{}, command); }

std::vector<std::string_view> extensions_of(const Command& command) { return std::visit(Needs{}, command); }

Result<EncodedCommand> encode_command(const Command& command, std::string_view tag, LiteralForm literals, bool utf8) {
  const auto* append = std::get_if<Append>(&command);
  if (append != nullptr && append->messages.empty()) return fail(ErrorKind::internal, "an APPEND without messages");
  Encoder out(tag, literals, utf8);
  std::visit([&](const auto& each) { encode(each, out); }, command);
  return std::move(out).finish();
}

}  // namespace postern::imap
