#include "tests/support/model/model_delivery.h"

#include <utility>

namespace postern::testing {

std::optional<Error> refusal_of(const ModelServer& server, const std::string& name,
                                const std::vector<Parcel>& parcels) {
  const Quirks& quirks = server.quirks;
  if (server.spelling(name).empty())
    return Error(ErrorKind::not_found, "the mailbox is not there").server_text("[TRYCREATE]");
  if (quirks.over_quota) return Error(ErrorKind::quota, "the mailbox is full").server_text("[OVERQUOTA] no room");
  std::uint64_t octets = server.octets_held();
  for (const Parcel& parcel : parcels) octets += parcel.octets.size();
  const std::uint64_t messages = server.messages_held() + parcels.size();
  const auto& quota = quirks.quota;
  if (quota && (octets > quota->octets || (quota->messages && messages > quota->messages))) {
    return Error(ErrorKind::quota, "the mailbox is full").server_text("[OVERQUOTA] no room");
  }
  for (const Parcel& parcel : parcels) {
    if (!quirks.refuses_keyword.empty() && parcel.flags.contains(quirks.refuses_keyword)) {
      return Error(ErrorKind::protocol, "the command is refused").server_text("BAD invalid flag").scope(Scope::message);
    }
    if (quirks.refuses_odd_dates && (parcel.date.unix_seconds < 0 || parcel.date.unix_seconds >= 1'767'312'000)) {
      return Error(ErrorKind::message, "the message is refused").server_text("NO invalid date");
    }
    if (!quirks.refuses_text.empty() && parcel.octets.find(quirks.refuses_text) != Bytes::npos) {
      return Error(ErrorKind::message, "the message is refused").server_text("NO illegal content");
    }
  }
  return std::nullopt;
}

std::vector<Uid> deliver(ModelServer& server, const std::string& name, const std::vector<Parcel>& parcels) {
  std::vector<Uid> uids;
  for (const Parcel& parcel : parcels) {
    FlagSet flags = parcel.flags;
    for (const std::string& flag : server.quirks.append_drops) flags.erase(flag);
    if (server.quirks.swallows) {
      const std::uint32_t next = server.box(server.spelling(name)).uidnext;
      uids.push_back(Uid(next + static_cast<std::uint32_t>(uids.size())));
      continue;
    }
    Bytes octets = parcel.octets;
    InternalDate date = parcel.date;
    if (server.quirks.rewrites) {
      if (const auto subject = octets.find("Subject: "); subject != Bytes::npos)
        octets.insert(subject + 9, "[external] ");
      date.unix_seconds += 400'000'000;
    }
    uids.push_back(server.box(server.spelling(name)).append(std::move(octets), std::move(flags), date));
  }
  return uids;
}

}  // namespace postern::testing
