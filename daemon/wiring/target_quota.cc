#include "daemon/wiring/target_quota.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

namespace postern::daemon {
namespace {

std::optional<sync::QuotaLimit::Resource> resource(std::string_view name) {
  if (name == "STORAGE") return sync::QuotaLimit::Resource::storage;
  if (name == "MESSAGE") return sync::QuotaLimit::Resource::messages;
  return std::nullopt;  // MAILBOX, ANNOTATION-STORAGE: nothing that a message takes
}

/// QUOTAROOT says which roots are the mailbox's; a server may send it behind the QUOTAs.
class QuotaAnswer {
 public:
  void take(imap::Untagged& untagged) {
    if (auto* roots = std::get_if<imap::QuotaRootData>(&untagged.data)) roots_ = std::move(roots->roots);
    if (auto* quota = std::get_if<imap::QuotaData>(&untagged.data); quota && quotas_.size() < kMostQuotas) {
      quotas_.push_back(std::move(*quota));
    }
  }
  std::vector<sync::QuotaLimit> limits() {
    std::vector<sync::QuotaLimit> limits;
    for (const imap::QuotaData& quota : quotas_) {
      if (std::find(roots_.begin(), roots_.end(), quota.root) == roots_.end()) continue;
      for (const auto& one : quota.resources) {
        const auto kind = resource(one.name);
        if (kind) limits.push_back({quota.root, *kind, one.usage, one.limit});
      }
    }
    return limits;
  }

 private:
  static constexpr std::size_t kMostQuotas = 100;
  std::vector<std::string> roots_;
  std::vector<imap::QuotaData> quotas_;
};

}  // namespace

Task<Result<std::vector<sync::QuotaLimit>>> read_quota(client::ImapClient& client, MailboxName name, Wait wait) {
  QuotaAnswer answer;
  const auto take = [&answer](imap::Untagged& untagged) { answer.take(untagged); };
  auto tagged = co_await client.execute(imap::GetQuotaRoot{std::move(name)}, take, std::move(wait));
  if (!tagged) co_return fail(std::move(tagged.error()));
  if (tagged->error) co_return std::vector<sync::QuotaLimit>();
  co_return answer.limits();
}

}  // namespace postern::daemon
