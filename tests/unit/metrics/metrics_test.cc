#include "core/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "core/metrics/catalog.h"

namespace postern::metrics {
namespace {

using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricsTest : public ::testing::Test {
 protected:
  std::string text() const { return metrics.text(WallTime(seconds(1'000'100))); }

  Metrics metrics{"1.2.3", WallTime(seconds(1'000'000))};
};

TEST_F(MetricsTest, StartsWithTheProcessAlone) {
  metrics.accounts(2);
  metrics.loop_tick_age(std::chrono::milliseconds(250));
  EXPECT_THAT(text(), HasSubstr("\npostern_build_info{version=\"1.2.3\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("\npostern_start_time_seconds 1000000\n"));
  EXPECT_THAT(text(), HasSubstr("\npostern_accounts 2\n"));
  EXPECT_THAT(text(), HasSubstr("\npostern_loop_tick_age_seconds 0.25\n"));
  EXPECT_THAT(text(), HasSubstr("\npostern_vault_state{state=\"ok\"} 1\n"));
}

TEST_F(MetricsTest, AnAccountBeforeItsFirstPassIsVisible) {
  AccountProbe alice = metrics.account("alice");
  EXPECT_THAT(text(), HasSubstr("postern_sync_passes_total{account=\"alice\",state=\"failed\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("postern_sync_last_success_timestamp_seconds{account=\"alice\"} 0\n"));
  EXPECT_THAT(text(), AnyOf(HasSubstr("postern_sync_lag_seconds{account=\"alice\"} Nan\n"),
                            HasSubstr("postern_sync_lag_seconds{account=\"alice\"} NaN\n")));
}

TEST_F(MetricsTest, ProgressIsKeptBySide) {
  AccountProbe alice = metrics.account("alice");
  alice.progress(Role::source, 0.5, seconds(90));
  alice.progress(Role::target, 7, std::nullopt);
  EXPECT_THAT(text(), HasSubstr("postern_sync_progress_ratio{account=\"alice\",role=\"source\"} 0.5\n"));
  EXPECT_THAT(text(), HasSubstr("postern_sync_eta_seconds{account=\"alice\",role=\"source\"} 90\n"));
  EXPECT_THAT(text(), HasSubstr("postern_sync_progress_ratio{account=\"alice\",role=\"target\"} 1\n"));
}

TEST_F(MetricsTest, CountsWhatPassesDid) {
  AccountProbe alice = metrics.account("alice");
  alice.fetched(10, 4'711);
  alice.fetched(1, 1);
  alice.reused(3);
  alice.mailboxes_unchanged(39);
  alice.mailboxes_pulled("qresync", 2);
  alice.mailboxes_pulled("qresync", 1);
  alice.quirk("extra_space", 8);
  alice.appended(4);
  alice.adopted(5);
  alice.flags_updated(6);
  alice.quarantined(7);
  alice.held(8);
  alice.running(true);
  alice.error(ErrorKind::auth);
  alice.error(ErrorKind::auth);
  alice.pass_ended(PassState::failed, seconds(2));
  for (const char* line : {
           "postern_messages_fetched_total{account=\"alice\"} 11\n",
           "postern_bytes_fetched_total{account=\"alice\"} 4712\n",
           "postern_bodies_reused_total{account=\"alice\"} 3\n",
           "postern_mailboxes_unchanged_total{account=\"alice\"} 39\n",
           "postern_mailboxes_pulled_total{account=\"alice\",rung=\"qresync\"} 3\n",
           "postern_quirks_total{account=\"alice\",quirk=\"extra_space\"} 8\n",
           "postern_messages_appended_total{account=\"alice\"} 4\n",
           "postern_messages_adopted_total{account=\"alice\"} 5\n",
           "postern_flag_updates_total{account=\"alice\"} 6\n",
           "postern_quarantined_messages{account=\"alice\"} 7\n",
           "postern_target_held_messages{account=\"alice\"} 8\n",
           "postern_sync_running{account=\"alice\"} 1\n",
           "postern_errors_total{account=\"alice\",kind=\"auth\"} 2\n",
           "postern_sync_passes_total{account=\"alice\",state=\"failed\"} 1\n",
           "postern_sync_pass_duration_seconds_bucket{le=\"5\"} 1\n",
           "postern_sync_pass_duration_seconds_bucket{le=\"1\"} 0\n",
       }) {
    EXPECT_THAT(text(), HasSubstr(line));
  }
}

TEST_F(MetricsTest, LagGrowsWithTime) {
  AccountProbe alice = metrics.account("alice");
  alice.last_success(WallTime(seconds(1'000'040)));
  EXPECT_THAT(metrics.text(WallTime(seconds(1'000'100))),
              HasSubstr("postern_sync_lag_seconds{account=\"alice\"} 60\n"));
  EXPECT_THAT(metrics.text(WallTime(seconds(1'000'160))),
              HasSubstr("postern_sync_lag_seconds{account=\"alice\"} 120\n"));
}

TEST_F(MetricsTest, TheVaultIsInOneState) {
  metrics.vault_state(VaultState::read_only);
  EXPECT_THAT(text(), HasSubstr("postern_vault_state{state=\"ok\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("postern_vault_state{state=\"read_only\"} 1\n"));
}

TEST_F(MetricsTest, AnOperatorsOddNameCannotForgeALine) {
  metrics.account("a\"}\npostern_accounts 9");
  EXPECT_THAT(text(), Not(HasSubstr("\npostern_accounts 9")));
}

// hostile input cannot add series: an account has a fixed number of them, and at most one more for each kind of error.
TEST_F(MetricsTest, AnAccountCostsAtMostFiftySeries) {
  const auto lines = [&] {
    const std::string now = text();
    return std::count(now.begin(), now.end(), '\n');
  };
  metrics.account("first").error(ErrorKind::auth);
  const auto before = lines();
  AccountProbe second = metrics.account("second");
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) second.error(static_cast<ErrorKind>(kind));
  EXPECT_LE(lines() - before, 50);
}

std::set<std::string> names_in_catalog() {
  std::set<std::string> names;
  for (const MetricInfo& info : catalog()) names.emplace(info.name);
  return names;
}

TEST(CatalogTest, ThePageListsEveryMetricWithItsTypeLabelsAndMeaning) {
  std::ifstream page(POSTERN_SOURCE_DIR "/core/metrics/METRICS.md");
  ASSERT_TRUE(page.is_open());
  std::ostringstream read;
  read << page.rdbuf();
  const std::string text = read.str();
  for (const MetricInfo& info : catalog()) {
    const std::string labels(info.labels.empty() ? "–" : info.labels);
    EXPECT_THAT(text, HasSubstr("| `" + std::string(info.name) + "` | " + std::string(to_string(info.type)) + " | " +
                                labels + " | "));
    EXPECT_THAT(text, HasSubstr("| " + std::string(info.help) + " |"));
  }
  std::set<std::string> in_table;
  const std::regex row("\n\\| `(postern_[a-z_]+)` \\|");
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) in_table.insert((*it)[1]);
  EXPECT_EQ(in_table, names_in_catalog());
}

TEST(CatalogTest, TheRegistryServesExactlyTheCatalogue) {
  Metrics metrics("0", WallTime{});
  AccountProbe probe = metrics.account("alice");
  probe.mailboxes_pulled("qresync", 1);
  probe.quirk("bare_lf", 1);
  probe.error(ErrorKind::auth);
  std::set<std::string> served;
  const std::string text = metrics.text(WallTime{});
  const std::regex type("# TYPE (postern_[a-z_]+) ");
  for (std::sregex_iterator it(text.begin(), text.end(), type), end; it != end; ++it) served.insert((*it)[1]);
  EXPECT_EQ(served, names_in_catalog());
}

TEST(CatalogTest, NamesFollowPrometheus) {
  for (const MetricInfo& info : catalog()) {
    EXPECT_TRUE(info.name.starts_with("postern_")) << info.name;
    EXPECT_EQ(info.name.ends_with("_total"), info.type == MetricInfo::Type::counter) << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
  }
}

}  // namespace
}  // namespace postern::metrics
