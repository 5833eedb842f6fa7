#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/error.h"

namespace postern::metrics {

enum class Role : std::uint8_t { source, target };
enum class PassState : std::uint8_t { ok, attention, failed };
enum class VaultState : std::uint8_t { ok, read_only, failed };

struct MetricsImpl;

/// What one account tells. Cheap to call; thread-safe; must not outlive its Metrics.
class AccountProbe {
 public:
  /// Of the pass under way. `eta` is nullopt while it cannot be told.
  void progress(Role role, double ratio, std::optional<std::chrono::duration<double>> eta);
  void running(bool running);
  void quarantined(std::uint64_t messages);
  void held(std::uint64_t messages);
  void fetched(std::uint64_t messages, std::uint64_t octets);
  void reused(std::uint64_t bodies);
  void mailboxes_unchanged(std::uint64_t mailboxes);
  /// `rung` and `quirk` are of the fixed words in METRICS.md.
  void mailboxes_pulled(std::string_view rung, std::uint64_t mailboxes);
  void quirk(std::string_view quirk, std::uint64_t times);
  void appended(std::uint64_t messages);
  void adopted(std::uint64_t messages);
  void flags_updated(std::uint64_t messages);
  void error(ErrorKind kind);
  void pass_ended(PassState state, std::chrono::duration<double> took);
  /// When the newest pass without failure ended.
  void last_success(WallTime when);

 private:
  friend class Metrics;
  struct Series;
  AccountProbe(MetricsImpl& impl, std::string account);
  MetricsImpl* impl_;
  std::shared_ptr<Series> series_;
};

/// Every metric of the process (catalog.h), in Prometheus' text format. Thread-safe.
/// Label values are what the operator wrote (account names) and fixed words; never a server's.
class Metrics {
 public:
  Metrics(std::string_view version, WallTime started);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  AccountProbe account(const std::string& name);
  void accounts(std::uint64_t configured);
  void vault_state(VaultState state);
  void loop_tick_age(std::chrono::duration<double> age);

  /// The exposition (text format 0.0.4). `now` is what lags are counted to.
  std::string text(WallTime now) const;

 private:
  std::unique_ptr<MetricsImpl> impl_;
};

}  // namespace postern::metrics
