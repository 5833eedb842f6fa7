#include "core/metrics/catalog.h"

namespace postern::metrics {

namespace {

using enum MetricInfo::Type;

constexpr MetricInfo kCatalog[] = {
    {"postern_accounts", gauge, "", "Accounts in the configuration."},
    {"postern_bodies_reused_total", counter, "account", "Messages that needed no new body, since the vault had it."},
    {"postern_build_info", gauge, "version", "Always 1; the version is the label."},
    {"postern_bytes_fetched_total", counter, "account", "Octets of message bodies fetched from the source."},
    {"postern_errors_total", counter, "account, kind", "Failures and problems that passes reported, by kind."},
    {"postern_flag_updates_total", counter, "account", "Messages whose flags were changed on the target."},
    {"postern_loop_tick_age_seconds", gauge, "", "How long ago the event loop last turned."},
    {"postern_mailboxes_pulled_total", counter, "account, rung",
     "Mailboxes opened at the source, by how their changes were learnt."},
    {"postern_mailboxes_unchanged_total", counter, "account",
     "Mailboxes whose status proved that nothing had changed; they were not opened."},
    {"postern_messages_adopted_total", counter, "account", "Messages found on the target and bound, not sent again."},
    {"postern_messages_appended_total", counter, "account", "Messages appended to the target."},
    {"postern_messages_fetched_total", counter, "account", "Messages fetched from the source."},
    {"postern_quarantined_messages", gauge, "account", "Messages that are held back, with a reason."},
    {"postern_quirks_total", counter, "account, quirk", "Deviations of servers from the protocol that were tolerated."},
    {"postern_start_time_seconds", gauge, "", "When the daemon started, seconds since 1970."},
    {"postern_sync_eta_seconds", gauge, "account, role", "When this side of the pass will be done; NaN when unknown."},
    {"postern_sync_lag_seconds", gauge, "account", "How old the newest complete pass is; NaN before the first."},
    {"postern_sync_last_success_timestamp_seconds", gauge, "account",
     "When the last pass without failure ended, seconds since 1970; 0 before the first."},
    {"postern_sync_pass_duration_seconds", histogram, "", "How long passes take."},
    {"postern_sync_passes_total", counter, "account, state", "Passes that ended, by state: ok, attention, failed."},
    {"postern_sync_progress_ratio", gauge, "account, role", "How much of this side of the pass is done, 0 to 1."},
    {"postern_sync_running", gauge, "account", "1 while a pass is under way."},
    {"postern_target_held_messages", gauge, "account",
     "Messages whose deletion or copy on the target waits for a person."},
    {"postern_vault_state", gauge, "state", "1 for the vault's state: ok, read_only (no space), failed."},
};

}  // namespace

std::span<const MetricInfo> catalog() { return kCatalog; }

std::string_view to_string(MetricInfo::Type type) {
  switch (type) {
    case counter:
      return "counter";
    case gauge:
      return "gauge";
    case histogram:
      return "histogram";
  }
  return {};
}

}  // namespace postern::metrics
