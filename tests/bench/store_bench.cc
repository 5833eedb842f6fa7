// The vault alone, measured from within. Each mode prints one line of JSON; store.py runs them as processes of their
// own, so that processor time and peak memory are each one's.
//
//   store_bench fill VAULT MAILDIRS [LEVEL]   every message of a tree of Maildirs, as a pass commits them
//   store_bench entries VAULT COUNT           so many small messages in one mailbox
//   store_bench large VAULT COUNT MIB         so many messages of so many mebibytes, which compress to next to nothing
//   store_bench check VAULT [rows]            check --read-data; rows: without
//   store_bench open VAULT                    opens it for reading, for writing, and closes it

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "storage/vault.h"

namespace {

using namespace postern;
using Steady = std::chrono::steady_clock;

/// A benchmark that could not do what it says measures nothing.
template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>)
      return;
    else
      return *std::move(result);
  }
  fmt::print(stderr, "store_bench: {}\n", result.error().to_string());
  std::exit(1);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Of the whole process, RocksDB's threads included.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double thread_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Wall clock and processor since it was made.
class Watch {
 public:
  double wall() const { return std::chrono::duration<double>(Steady::now() - start_).count(); }
  double cpu() const { return cpu_seconds() - cpu_; }

 private:
  Steady::time_point start_ = Steady::now();
  double cpu_ = cpu_seconds();
};

/// A message as a server would send it: CRLF where the file has LF.
Bytes message_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes lines(std::filesystem::file_size(file), '\0');
  in.read(lines.data(), static_cast<std::streamsize>(lines.size()));
  Bytes out;
  out.reserve(lines.size() + lines.size() / 16);
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    if (end == Bytes::npos) {
      out.append(lines, at);
      break;
    }
    out.append(lines, at, end - at).append("\r\n");
    at = end + 1;
  }
  return out;
}

storage::VaultOptions options_of(const char* path) {
  storage::VaultOptions options;
  options.path = path;
  return options;
}

/// Fills one account as a pass does: commits of about a mebibyte, at most eight under way.
class Pull {
 public:
  explicit Pull(storage::Vault& vault) : vault_(vault), account_(must(vault.account_id("alice"))) {}

  void mailbox(const std::string& name) {
    flush();
    MailboxRecord record;
    record.name = must(MailboxName::from_utf8(name, '/'));
    changes_.mailbox = must(vault_.put_mailbox(account_, record)).id;
    must(vault_.new_generation(account_, changes_.mailbox, changes_.uidvalidity));
    uid_ = 0;
  }

  void add(Bytes message) {
    NewBody body{{Uid(++uid_), {"\\Seen"}, {1'000'000'000 + 600 * uid_, 60}, ModSeq(uid_), {}}, message.size()};
    if (message.size() > storage::Vault::kMaxWhole) {
      seal();
      body.entry.body = streamed(message, 1);
      take(std::move(body));
      if (waiting_ >= (1u << 20)) commit();
      return;
    }
    unsealed_ += message.size();
    bodies_.push_back(std::move(message));
    entries_.push_back(std::move(body));
    if (unsealed_ >= kBatch) seal();
  }

  /// A message of `count` times `piece`, each with its number.
  void add_large(Bytes piece, std::uint64_t count) {
    NewBody body{{Uid(++uid_), {}, {1'000'000'000 + 600 * uid_, 60}, ModSeq(uid_), {}}, piece.size() * count};
    body.entry.body = streamed(piece, count);
    take(std::move(body));
    commit();
  }

  /// The last commit, and the snapshot that ends a pass.
  void finish() {
    flush();
    wait_below(1);
    must(vault_.snapshot(account_));
  }

  std::uint64_t messages() const { return messages_; }
  std::uint64_t octets() const { return octets_; }

 private:
  storage::SealedBody streamed(ByteView piece, std::uint64_t count) {
    const auto sealer = vault_.sealer();
    Bytes numbered(piece);
    for (std::uint64_t i = 0; i < count; ++i) {
      if (count > 1) fmt::format_to_n(numbered.data(), 24, "{:>10} {:>10}\r\n", uid_, i);
      must(sealer->add(numbered));
    }
    return must(sealer->finish());
  }

  struct NewBody {
    storage::NewEntry entry;
    std::uint64_t octets;
  };

  /// As the daemon's workers do: a quarter of a commit at a time.
  void seal() {
    auto sealed = must(vault_.seal(std::exchange(bodies_, {})));
    auto entries = std::exchange(entries_, {});
    for (std::size_t i = 0; i < entries.size(); ++i) {
      entries[i].entry.body = std::move(sealed[i]);
      take(std::move(entries[i]));
    }
    unsealed_ = 0;
    if (waiting_ >= (1u << 20)) commit();
  }

  void take(NewBody body) {
    ++messages_;
    octets_ += body.octets;
    waiting_ += body.octets;
    changes_.appended.push_back(std::move(body.entry));
  }

  void flush() {
    seal();
    commit();
  }

  void commit() {
    waiting_ = 0;
    if (changes_.appended.empty()) return;
    wait_below(kMostUnderWay);
    {
      const std::lock_guard lock(mutex_);
      ++under_way_;
    }
    storage::Changes next{changes_.mailbox, changes_.uidvalidity, {}, {}, {}, {}, {}};
    vault_.commit(account_, std::exchange(changes_, std::move(next)), [this](Result<storage::Committed> committed) {
      must(std::move(committed));
      const std::lock_guard lock(mutex_);
      --under_way_;
      changed_.notify_all();
    });
  }

  void wait_below(int limit) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_ < limit; });
  }

  static constexpr int kMostUnderWay = 8;
  static constexpr std::size_t kBatch = 384u << 10;
  storage::Vault& vault_;
  const AccountId account_;
  storage::Changes changes_{MailboxId(), UidValidity(1), {}, {}, {}, {}, {}};
  std::uint32_t uid_ = 0;
  std::vector<Bytes> bodies_;     // not yet sealed
  std::vector<NewBody> entries_;  // theirs
  std::uint64_t messages_ = 0, octets_ = 0, unsealed_ = 0, waiting_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  int under_way_ = 0;
};

/// `more`: what is not the vault's own processor time.
void report_pull(const Pull& pull, const storage::Vault& vault, const Watch& watch, double more) {
  fmt::print("{{\"messages\": {}, \"octets\": {}, \"dictionaries\": {}, \"wall\": {:.3f}, \"cpu\": {:.3f}",
             pull.messages(), pull.octets(), vault.dictionaries(), watch.wall(), watch.cpu() - more);
}

/// After the pull: what closing costs.
void report_close(storage::Vault& vault) {
  const Watch watch;
  must(vault.close());
  fmt::print(", \"close_wall\": {:.3f}, \"close_cpu\": {:.3f}}}\n", watch.wall(), watch.cpu());
}

void fill(const char* path, const std::filesystem::path& maildirs, int level) {
  std::map<std::string, std::vector<std::filesystem::path>> mailboxes;
  for (const auto& mailbox : std::filesystem::directory_iterator(maildirs)) {
    auto& messages = mailboxes[mailbox.path().filename().string()];
    for (const auto& file : std::filesystem::directory_iterator(mailbox.path() / "cur"))
      messages.push_back(file.path());
    std::sort(messages.begin(), messages.end());
  }
  storage::VaultOptions options = options_of(path);
  options.compression.level = level;
  const auto vault = must(storage::Vault::open(options));
  Pull pull(*vault);
  const Watch watch;
  double reading = 0;
  for (const auto& [name, files] : mailboxes) {
    pull.mailbox(name);
    for (const std::filesystem::path& file : files) {
      const double before = thread_cpu_seconds();
      Bytes message = message_of(file);
      reading += thread_cpu_seconds() - before;
      pull.add(std::move(message));
    }
  }
  pull.finish();
  report_pull(pull, *vault, watch, reading);
  report_close(*vault);
}

void fill_entries(const char* path, std::uint64_t count) {
  const auto vault = must(storage::Vault::open(options_of(path)));
  Pull pull(*vault);
  pull.mailbox("INBOX");
  const Watch watch;
  for (std::uint64_t i = 0; i < count; ++i) {
    pull.add(fmt::format("From: a{}@example.org\r\nSubject: {}\r\nMessage-ID: <{:x}@example.org>\r\n\r\n{} times\r\n",
                         i % 500, i, i * 0x9e3779b97f4a7c15, i));
  }
  pull.finish();
  report_pull(pull, *vault, watch, 0);
  report_close(*vault);
}

void fill_large(const char* path, std::uint64_t count, std::uint64_t mebibytes) {
  const auto vault = must(storage::Vault::open(options_of(path)));
  Pull pull(*vault);
  pull.mailbox("INBOX");
  Bytes piece;
  while (piece.size() < (1u << 20)) piece += "                                                              \r\n";
  const Watch watch;
  for (std::uint64_t i = 0; i < count; ++i) pull.add_large(piece, mebibytes);
  pull.finish();
  report_pull(pull, *vault, watch, 0);
  report_close(*vault);
}

void check(const char* path, bool read_data) {
  storage::VaultOptions options = options_of(path);
  options.mode = storage::VaultOptions::Mode::read_only;
  const auto vault = must(storage::Vault::open(options));
  storage::CheckOptions what;
  what.read_data = read_data;
  const Watch watch;
  const storage::CheckReport report = must(vault->check(what));
  fmt::print(
      "{{\"objects\": {}, \"chunks\": {}, \"octets\": {}, \"problems\": {}, \"wall\": {:.3f}, \"cpu\": {:.3f}}}\n",
      report.objects, report.chunks, report.octets, report.problems.size(), watch.wall(), watch.cpu());
}

void open(const char* path) {
  double walls[3];
  {
    storage::VaultOptions options = options_of(path);
    options.mode = storage::VaultOptions::Mode::read_only;
    const Watch watch;
    const auto vault = must(storage::Vault::open(options));
    must(vault->accounts());
    walls[0] = watch.wall();
  }
  const Watch watch;
  const auto vault = must(storage::Vault::open(options_of(path)));
  walls[1] = watch.wall();
  const AccountId account = must(vault->account_id("alice"));
  const auto totals = must(vault->totals(account));
  const Watch closing;
  must(vault->close());
  walls[2] = closing.wall();
  fmt::print("{{\"entries\": {}, \"read\": {:.4f}, \"write\": {:.4f}, \"close\": {:.4f}}}\n", totals.entries, walls[0],
             walls[1], walls[2]);
}

int usage() {
  fmt::print(stderr,
             "usage: store_bench fill VAULT MAILDIRS [LEVEL] | entries VAULT COUNT | large VAULT COUNT MIB | check "
             "VAULT [rows] | "
             "open VAULT\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  if (mode == "fill" && (argc == 4 || argc == 5)) {
    fill(argv[2], argv[3], argc == 5 ? static_cast<int>(number(4)) : storage::CompressionOptions().level);
  } else if (mode == "entries" && argc == 4) {
    fill_entries(argv[2], number(3));
  } else if (mode == "large" && argc == 5) {
    fill_large(argv[2], number(3), number(4));
  } else if (mode == "check" && (argc == 3 || argc == 4)) {
    check(argv[2], argc == 3);
  } else if (mode == "open" && argc == 3) {
    open(argv[2]);
  } else {
    return usage();
  }
  return 0;
}
