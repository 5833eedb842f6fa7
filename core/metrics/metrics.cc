#include "core/metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <variant>
#include <vector>

#include "core/metrics/catalog.h"

namespace postern::metrics {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

const Histogram::BucketBoundaries& pass_buckets() {
  static const Histogram::BucketBoundaries buckets = {0.1, 0.5, 1, 5, 15, 60, 300, 900, 3'600, 14'400, 86'400};
  return buckets;
}

double seconds_since_1970(WallTime when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }

std::string_view word(PassState state) {
  switch (state) {
    case PassState::ok:
      return "ok";
    case PassState::attention:
      return "attention";
    case PassState::failed:
      return "failed";
  }
  return {};
}

}  // namespace

/// The families, one for each row of the catalog.
struct MetricsImpl {
  using AnyFamily = std::variant<Family<Counter>*, Family<Gauge>*, Family<Histogram>*>;

  MetricsImpl() {
    for (const MetricInfo& info : catalog()) {
      const std::string name(info.name);
      const std::string help(info.help);
      switch (info.type) {
        case MetricInfo::Type::counter:
          families[info.name] = &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
          break;
        case MetricInfo::Type::gauge:
          families[info.name] = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
          break;
        case MetricInfo::Type::histogram:
          families[info.name] = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
          break;
      }
    }
    pass_duration = &family<Histogram>("postern_sync_pass_duration_seconds").Add({}, pass_buckets());
  }

  template <class T>
  Family<T>& family(std::string_view name) {
    return *std::get<Family<T>*>(families.at(name));
  }
  Gauge& gauge(std::string_view name, const Labels& labels) { return family<Gauge>(name).Add(labels); }
  Counter& counter(std::string_view name, const Labels& labels) { return family<Counter>(name).Add(labels); }

  prometheus::Registry registry;
  std::map<std::string_view, AnyFamily> families;
  Histogram* pass_duration = nullptr;
  std::mutex mutex;
  std::map<std::string, WallTime> last_success;  // guarded by mutex; what lags are counted from
  std::map<std::string, Gauge*> lag;             // guarded by mutex
};

struct AccountProbe::Series {
  Series(MetricsImpl& impl, std::string account)
      : name(std::move(account)),
        by_account{{"account", name}},
        running(impl.gauge("postern_sync_running", by_account)),
        quarantined(impl.gauge("postern_quarantined_messages", by_account)),
        held(impl.gauge("postern_target_held_messages", by_account)),
        last_success(impl.gauge("postern_sync_last_success_timestamp_seconds", by_account)),
        fetched(impl.counter("postern_messages_fetched_total", by_account)),
        fetched_octets(impl.counter("postern_bytes_fetched_total", by_account)),
        reused(impl.counter("postern_bodies_reused_total", by_account)),
        unchanged(impl.counter("postern_mailboxes_unchanged_total", by_account)),
        appended(impl.counter("postern_messages_appended_total", by_account)),
        adopted(impl.counter("postern_messages_adopted_total", by_account)),
        flags_updated(impl.counter("postern_flag_updates_total", by_account)) {
    for (const char* role : {"source", "target"}) {
      const Labels labels = {{"account", name}, {"role", role}};
      ratio.push_back(&impl.gauge("postern_sync_progress_ratio", labels));
      eta.push_back(&impl.gauge("postern_sync_eta_seconds", labels));
      eta.back()->Set(kUnknown);
    }
    for (const PassState state : {PassState::ok, PassState::attention, PassState::failed}) {
      passes.push_back(
          &impl.counter("postern_sync_passes_total", {{"account", name}, {"state", std::string(word(state))}}));
    }
  }

  std::string name;
  Labels by_account;
  Gauge& running;
  Gauge& quarantined;
  Gauge& held;
  Gauge& last_success;
  Counter& fetched;
  Counter& fetched_octets;
  Counter& reused;
  Counter& unchanged;
  Counter& appended;
  Counter& adopted;
  Counter& flags_updated;
  std::vector<Gauge*> ratio;  // by role
  std::vector<Gauge*> eta;
  std::vector<Counter*> passes;  // by state
};

AccountProbe::AccountProbe(MetricsImpl& impl, std::string account)
    : impl_(&impl), series_(std::make_shared<Series>(impl, std::move(account))) {
  const std::lock_guard lock(impl.mutex);
  impl.lag[series_->name] = &impl.gauge("postern_sync_lag_seconds", series_->by_account);
}

void AccountProbe::progress(Role role, double ratio, std::optional<std::chrono::duration<double>> eta) {
  const auto side = static_cast<std::size_t>(role);
  series_->ratio[side]->Set(std::clamp(ratio, 0.0, 1.0));
  series_->eta[side]->Set(eta ? eta->count() : kUnknown);
}

void AccountProbe::running(bool running) { series_->running.Set(running ? 1 : 0); }
void AccountProbe::held(std::uint64_t messages) { series_->held.Set(static_cast<double>(messages)); }

void AccountProbe::quarantined(std::uint64_t messages) { series_->quarantined.Set(static_cast<double>(messages)); }
void AccountProbe::fetched(std::uint64_t messages, std::uint64_t octets) {
  series_->fetched.Increment(static_cast<double>(messages));
  series_->fetched_octets.Increment(static_cast<double>(octets));
}
void AccountProbe::reused(std::uint64_t bodies) { series_->reused.Increment(static_cast<double>(bodies)); }
void AccountProbe::appended(std::uint64_t messages) { series_->appended.Increment(static_cast<double>(messages)); }
void AccountProbe::adopted(std::uint64_t messages) { series_->adopted.Increment(static_cast<double>(messages)); }
void AccountProbe::flags_updated(std::uint64_t messages) {
  series_->flags_updated.Increment(static_cast<double>(messages));
}

void AccountProbe::mailboxes_unchanged(std::uint64_t mailboxes) {
  series_->unchanged.Increment(static_cast<double>(mailboxes));
}

void AccountProbe::mailboxes_pulled(std::string_view rung, std::uint64_t mailboxes) {
  impl_->counter("postern_mailboxes_pulled_total", {{"account", series_->name}, {"rung", std::string(rung)}})
      .Increment(static_cast<double>(mailboxes));
}

void AccountProbe::quirk(std::string_view quirk, std::uint64_t times) {
  impl_->counter("postern_quirks_total", {{"account", series_->name}, {"quirk", std::string(quirk)}})
      .Increment(static_cast<double>(times));
}

void AccountProbe::error(ErrorKind kind) {
  const Labels labels = {{"account", series_->name}, {"kind", std::string(to_string(kind))}};
  impl_->counter("postern_errors_total", labels).Increment();
}

void AccountProbe::pass_ended(PassState state, std::chrono::duration<double> took) {
  series_->passes[static_cast<std::size_t>(state)]->Increment();
  impl_->pass_duration->Observe(took.count());
}

void AccountProbe::last_success(WallTime when) {
  series_->last_success.Set(seconds_since_1970(when));
  const std::lock_guard lock(impl_->mutex);
  impl_->last_success[series_->name] = when;
}

Metrics::Metrics(std::string_view version, WallTime started) : impl_(std::make_unique<MetricsImpl>()) {
  impl_->gauge("postern_build_info", {{"version", std::string(version)}}).Set(1);
  impl_->gauge("postern_start_time_seconds", {}).Set(seconds_since_1970(started));
  impl_->gauge("postern_accounts", {});
  impl_->gauge("postern_loop_tick_age_seconds", {});
  vault_state(VaultState::ok);
}

Metrics::~Metrics() = default;

AccountProbe Metrics::account(const std::string& name) { return AccountProbe(*impl_, name); }

void Metrics::accounts(std::uint64_t configured) {
  impl_->gauge("postern_accounts", {}).Set(static_cast<double>(configured));
}

void Metrics::vault_state(VaultState state) {
  const auto set = [&](const char* name, VaultState which) {
    impl_->gauge("postern_vault_state", {{"state", name}}).Set(state == which ? 1 : 0);
  };
  set("ok", VaultState::ok);
  set("read_only", VaultState::read_only);
  set("failed", VaultState::failed);
}

void Metrics::loop_tick_age(std::chrono::duration<double> age) {
  impl_->gauge("postern_loop_tick_age_seconds", {}).Set(age.count());
}

std::string Metrics::text(WallTime now) const {
  {
    const std::lock_guard lock(impl_->mutex);
    for (const auto& [account, gauge] : impl_->lag) {
      const auto last = impl_->last_success.find(account);
      gauge->Set(last == impl_->last_success.end() ? kUnknown
                                                   : std::chrono::duration<double>(now - last->second).count());
    }
  }
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace postern::metrics
