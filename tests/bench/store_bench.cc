// How fast messages become durable, and how fast they are verified again.
//
//   store_bench [small|large|dup] [MESSAGES] [OCTETS] [WORKERS]
//
// Prints messages and megabytes a second, by wall clock and by CPU second of the whole process, resident memory, and
// octets on disk. WORKERS threads seal; commits hold about a mebibyte, at most eight under way, as the engine does it.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "storage/vault.h"

namespace {

using namespace postern;
using Steady = std::chrono::steady_clock;

/// Text that compresses about as mail does: words of a small vocabulary, with numbers between them.
Bytes make_message(std::uint32_t number, std::size_t octets, std::minstd_rand& random) {
  static const char* const kWords[] = {"the ",      "meeting ", "of ",      "tomorrow ", "please ",  "find ",
                                       "attached ", "invoice ", "regards ", "and ",      "project ", "deadline ",
                                       "<p>",       "</p>\r\n", "team ",    "to "};
  Bytes out = "Received: from mx" + std::to_string(random() % 16) + ".example.org by mail.example.net; id " +
              std::to_string(random()) + "\r\nMessage-ID: <" + std::to_string(number) + "." + std::to_string(random()) +
              "@example.org>\r\nFrom: sender" + std::to_string(random() % 500) +
              "@example.org\r\nSubject: message\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n";
  while (out.size() < octets) {
    const auto pick = random();
    out += kWords[pick % 16];
    if (pick % 5 == 0) out += std::to_string(random() % 100'000) + " ";
  }
  return out;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::uint64_t disk_octets(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) sum += file.file_size();
  }
  return sum;
}

/// At most `limit` at a time.
class Gate {
 public:
  explicit Gate(int limit) : free_(limit) {}
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return free_ > 0; });
    --free_;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    ++free_;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
};

struct Work {
  std::uint32_t messages = 40'000;
  std::size_t octets = 4'000;
  unsigned workers = 1;
  bool duplicates = false;
};

void pull(storage::Vault& vault, AccountId account, MailboxId mailbox, const Work& work,
          const std::vector<Bytes>& pool) {
  const auto a_commit = static_cast<std::uint32_t>(std::max<std::size_t>(1, (1u << 20) / work.octets));
  std::atomic<std::uint32_t> next = 0;
  Gate gate(8);
  std::atomic<bool> failed = false;
  const auto worker = [&] {
    for (;;) {
      const std::uint32_t first = next.fetch_add(a_commit);
      if (first >= work.messages || failed) return;
      storage::Changes changes{mailbox, UidValidity(1), {}, {}, {}, {}, {}};
      for (std::uint32_t i = first; i < std::min(first + a_commit, work.messages); ++i) {
        Bytes body = pool[i % pool.size()];
        if (!work.duplicates) body += std::to_string(i);
        storage::NewEntry entry{Uid(i + 1), {"\\Seen"}, {1'000'000'000 + i, 60}, ModSeq(i + 1), {}};
        if (body.size() <= storage::Vault::kMaxWhole) {
          entry.body = vault.seal(body).value();
        } else {
          const auto sealer = vault.sealer();
          failed = failed || !sealer->add(body);
          entry.body = sealer->finish().value();
        }
        changes.appended.push_back(std::move(entry));
      }
      gate.enter();
      vault.commit(account, std::move(changes), [&](Result<storage::Committed> committed) {
        if (!committed) {
          std::fprintf(stderr, "%s\n", committed.error().to_string().c_str());
          failed = true;
        }
        gate.leave();
      });
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < work.workers; ++i) threads.emplace_back(worker);
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) gate.enter();
}

void report(const char* what, double messages, double octets, Steady::time_point start, double cpu) {
  const double wall = std::chrono::duration<double>(Steady::now() - start).count();
  const double used = cpu_seconds() - cpu;
  std::printf("%-8s %7.2f s wall %7.2f s CPU  %9.0f messages/s  %7.1f MB/s  %7.1f MB/s a core  peak %.0f MiB\n", what,
              wall, used, messages / wall, octets / wall / 1e6, octets / used / 1e6, resident_mib());
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "small";
  Work work;
  if (kind == "large") work = {400, 3u << 20, 1, false};
  if (kind == "dup") work.duplicates = true;
  if (argc > 2) work.messages = static_cast<std::uint32_t>(std::atoi(argv[2]));
  if (argc > 3) work.octets = static_cast<std::size_t>(std::atoi(argv[3]));
  if (argc > 4) work.workers = static_cast<unsigned>(std::atoi(argv[4]));

  std::string folder = (std::filesystem::temp_directory_path() / "postern-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  std::minstd_rand random(1);
  std::vector<Bytes> pool;
  for (std::uint32_t i = 0; i < std::max<std::size_t>(4, (8u << 20) / work.octets); ++i) {
    pool.push_back(make_message(i, work.octets, random));
  }
  {
    storage::VaultOptions options;
    options.path = folder;
    const auto vault = storage::Vault::open(options).value();
    const AccountId account = vault->account_id("alice").value();
    MailboxRecord record;
    record.name = MailboxName::from_utf8("INBOX", '/').value();
    const MailboxId mailbox = vault->put_mailbox(account, record).value().id;
    const double octets = static_cast<double>(work.messages) * static_cast<double>(work.octets);
    auto start = Steady::now();
    double cpu = cpu_seconds();
    pull(*vault, account, mailbox, work, pool);
    report("commit", work.messages, octets, start, cpu);
    start = Steady::now();
    cpu = cpu_seconds();
    storage::CheckOptions check;
    check.read_data = true;
    const auto checked = vault->check(check).value();
    report("check", work.messages, static_cast<double>(checked.octets), start, cpu);
    std::printf("%zu problems, %.1f MB on disk of %.1f MB\n", checked.problems.size(),
                static_cast<double>(disk_octets(folder)) / 1e6, octets / 1e6);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
