#include "core/sync/engine/flag_run.h"

#include <utility>

namespace postern::sync {
namespace {

constexpr std::uint64_t kUidsPerStore = 1'000;

}  // namespace

void FlagRun::add(const Entry& entry, const Binding& binding) {
  const FlagSet wanted = replayable(entry.flags, mailbox_.flag_support());
  FlagDelta delta = target_delta(binding.agreed, wanted);
  if (delta.empty()) return;
  Binding agreed = binding;
  agreed.agreed = wanted;
  groups_.add(binding.target_uid, std::move(delta));
  agreed_.insert_or_assign(binding.target_uid, std::move(agreed));
}

Task<Result<void>> FlagRun::run() {
  for (const auto& [delta, uids] : groups_.groups()) {
    for (const UidSet& part : uids.split(kUidsPerStore)) {
      auto stored = co_await mailbox_.target().store_flags(part, delta, mailbox_.context().wait);
      if (!stored) {
        Error error = stored.error();
        co_return fail(std::move(error.at("flags of UID " + part.to_string().substr(0, 40))));
      }
      std::vector<Binding> bindings;
      part.for_each([&](Uid uid) { bindings.push_back(agreed_.at(uid)); });
      const std::uint64_t count = bindings.size();
      auto bound = co_await mailbox_.bind(std::move(bindings), std::nullopt);
      if (!bound) co_return bound;
      mailbox_.totals().flag_updates += count;
      mailbox_.context().progress.replay_done += count;
    }
  }
  groups_ = {};
  agreed_.clear();
  co_return {};
}

}  // namespace postern::sync
