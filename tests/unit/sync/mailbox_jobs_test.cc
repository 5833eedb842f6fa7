#include "core/sync/engine/mailbox_jobs.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>

namespace postern::sync {
namespace {

/// A mailbox that may go on a tour, or was tried on one.
MailboxJob job(const std::string& name, std::uint32_t messages, bool by_itself = false) {
  MailboxJob job;
  job.record.name = MailboxName::from_wire(name, '/');
  job.record.uidvalidity = UidValidity(7);
  job.record.cursor.emplace();
  job.record.cursor->uidvalidity = UidValidity(7);
  job.record.cursor->uidnext = messages + 1;
  job.listed = {UidValidity(7), messages + 2, messages, ModSeq(), {}};
  job.by_itself = by_itself;
  return job;
}

std::string names(MailboxJobs& jobs, std::optional<MailboxJob> (MailboxJobs::*take)()) {
  std::string all;
  while (auto one = (jobs.*take)()) all += (all.empty() ? "" : " ") + one->record.name.display();
  return all;
}

TEST(MailboxJobs, InboxComesFirstAndThenTheSmallOnesWhereverTheyAreKept) {
  MailboxJobs jobs;
  jobs.fill({job("Big", 90), job("Alone", 5, true), job("Small", 2), job("INBOX", 500, true)});
  jobs.add(job("Back", 40, true));
  EXPECT_EQ(jobs.size(), 5u);
  EXPECT_FALSE(jobs.tour_is_next());
  EXPECT_EQ(names(jobs, &MailboxJobs::take), "INBOX Small Alone Back Big");
  EXPECT_TRUE(jobs.empty());
}

TEST(MailboxJobs, ATourTakesOnlyThoseThatMayGoOnOne) {
  MailboxJobs jobs;
  jobs.fill({job("Big", 90), job("Alone", 5, true), job("Small", 2)});
  EXPECT_TRUE(jobs.tour_is_next());
  EXPECT_EQ(names(jobs, &MailboxJobs::take_for_tour), "Small Big");
  EXPECT_FALSE(jobs.tour_is_next());
  EXPECT_EQ(names(jobs, &MailboxJobs::take), "Alone");
  EXPECT_FALSE(jobs.tour_is_next());
}

TEST(MailboxJobs, OneGivenBackIsTakenBeforeItsEquals) {
  MailboxJobs jobs;
  jobs.fill({job("A", 5, true), job("B", 5, true)});
  MailboxJob taken = *jobs.take();
  EXPECT_EQ(taken.record.name.display(), "B");
  jobs.add(std::move(taken));
  EXPECT_EQ(names(jobs, &MailboxJobs::take), "B A");
}

TEST(MailboxJobs, ATourOfManyMailboxesThatAreAllGivenBackIsNotQuadratic) {
  constexpr std::uint32_t kMany = 30'000;
  std::vector<MailboxJob> all;
  for (std::uint32_t i = 0; i < kMany; ++i) all.push_back(job("Box" + std::to_string(i), i));
  const std::clock_t start = std::clock();
  MailboxJobs jobs;
  jobs.fill(std::move(all));
  while (auto one = jobs.take_for_tour()) {
    one->by_itself = true;
    jobs.add(std::move(*one));
  }
  for (std::uint32_t i = 0; i < kMany; ++i) EXPECT_FALSE(jobs.take_for_tour());
  EXPECT_EQ(jobs.size(), kMany);
  EXPECT_LT(std::clock() - start, 3 * CLOCKS_PER_SEC);
}

}  // namespace
}  // namespace postern::sync
