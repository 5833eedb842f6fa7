#include <optional>
#include <utility>

#include "core/sync/engine/context.h"
#include "core/sync/engine/source_clearing.h"
#include "core/sync/engine/source_flags.h"
#include "core/sync/engine/source_pass.h"
#include "core/sync/engine/target_pass.h"
#include "core/sync/planner/verdict.h"

namespace postern::sync {
namespace {

/// False when nothing more may be done in this pass.
bool note_failure(Context& context, Error error) {
  const bool goes_on = verdict(error) != Verdict::stop_pass;
  if (error.kind() == ErrorKind::quota) {
    error.remedy(std::string(kQuotaRemedy));
    context.problem(std::move(error));
  } else if (!context.report.error) {
    context.report.error = std::move(error).at(context.options.account);
  }
  return goes_on;
}

Task<void> replay(Context& context, TargetConnector& target, SourceWriterConnector* writer) {
  context.report.target.emplace();
  FlagWishes wishes;
  std::optional<SourceFlags> source;
  if (writer && context.options.flags == FlagMode::two_way) source.emplace(context, *writer);
  if (source) {
    auto settled = co_await source->settle();
    if (!settled && !note_failure(context, settled.error())) co_return;
    if (context.options.pull && !context.report.error) context.own_flags = &wishes;
  }
  TargetPass pass(context, target);
  auto replayed = co_await pass.run();
  if (!replayed) {
    note_failure(context, replayed.error());
  } else if (source) {
    auto carried = co_await source->carry(std::move(wishes));
    if (!carried) note_failure(context, carried.error());
  }
}

Task<void> pull_and_replay(Context& context, SourceConnector& source, TargetConnector* target,
                           SourceWriterConnector* writer) {
  bool goes_on = true;
  if (context.options.pull) {
    SourcePass pass(context, source);
    auto pulled = co_await pass.run();
    if (!pulled) goes_on = note_failure(context, pulled.error());
    if (goes_on) {
      auto snapshot = co_await context.vault.snapshot();
      if (snapshot) {
        context.report.snapshot = *snapshot;
      } else {
        goes_on = note_failure(context, snapshot.error());
      }
    }
  }
  if (goes_on && target && context.options.replay) co_await replay(context, *target, writer);
  const bool both = context.options.pull && context.report.target && !context.report.error;
  if (both && writer && context.options.delete_source) {
    SourceClearing clearing(context, *target, *writer);
    auto cleared = co_await clearing.run();
    if (!cleared) note_failure(context, cleared.error());
  }
}

}  // namespace

Task<PassReport> run_pass(PassOptions options, SourceConnector& source, TargetConnector* target, Vault& vault,
                          Scheduler& scheduler, Progress& progress, Wait wait, SourceWriterConnector* writer) {
  const MonotonicTime started = scheduler.now();
  PassReport report;
  progress = Progress{};
  Quarantine quarantine(vault, scheduler);
  ReusePool reuse(vault, scheduler);
  Context context{options, vault, scheduler, progress, wait, report, quarantine, reuse};
  auto loaded = co_await quarantine.load();
  if (loaded) {
    co_await pull_and_replay(context, source, target, writer);
  } else {
    note_failure(context, loaded.error());
  }
  report.quarantined = quarantine.size();
  if (report.error) {
    report.state = PassReport::State::failed;
  } else if (!report.problems.empty() || report.quarantined != 0) {
    report.state = PassReport::State::attention;
  }
  report.took = scheduler.now() - started;
  progress.phase = Progress::Phase::done;
  co_return report;
}

}  // namespace postern::sync
