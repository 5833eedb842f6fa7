#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace postern::metrics {

/// One metric: the row of METRICS.md. Names and meanings are promises to dashboards and alerts.
struct MetricInfo {
  enum class Type : std::uint8_t { counter, gauge, histogram };
  std::string_view name;
  Type type;
  std::string_view labels;  // "account, state"; empty for none
  std::string_view help;
};

/// Every metric there is, by name.
std::span<const MetricInfo> catalog();
std::string_view to_string(MetricInfo::Type type);

}  // namespace postern::metrics
