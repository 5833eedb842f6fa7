// The memory that a huge message takes: it streams from the source to the vault and from there to the target, and no
// part of the way holds it. 256 MiB; POSTERN_HUGE_MIB says another size.

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>

#include "core/base/bytes.h"
#include "core/crypto/sha256.h"
#include "tests/scenario/scenario.h"

namespace postern::testing {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;
constexpr std::uint64_t kMoreAtMost = 32 * kMiB;
constexpr std::uint64_t kProcessAtMost = 72 * kMiB;
constexpr std::uint64_t kOrdinary = 40 * kMiB;  // of mail in messages of a megabyte: enough to fill every buffer

std::uint64_t huge_size() {
  const char* wish = std::getenv("POSTERN_HUGE_MIB");
  return (wish != nullptr ? std::strtoull(wish, nullptr, 10) : 256) * kMiB;
}

std::string hex(crypto::Sha256& hash) { return to_hex(crypto::view(hash.finish())); }

/// The digest of the message that Dovecot keeps in this file, with LF alone at the ends of its lines.
std::string digest_of(const std::filesystem::path& file) {
  crypto::Sha256 hash;
  std::ifstream in(file, std::ios::binary);
  for (std::string line; std::getline(in, line);) hash.update(line).update(in.eof() ? "" : "\r\n");
  return hex(hash);
}

/// Lines as of an attachment, no megabyte like another. Gives their digest.
std::string write_message(const std::filesystem::path& file, std::uint64_t octets) {
  static constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::mt19937_64 random(octets);
  std::string piece(kMiB, '\n');
  crypto::Sha256 hash;
  std::ofstream out(file, std::ios::binary);
  const std::string header = "From: a@example.org\r\nSubject: huge\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  out << header;
  hash.update(header);
  for (std::uint64_t left = octets - header.size(); left > 0;) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < piece.size(); ++i) {
      if (i % 10 == 0) bits = random();
      piece[i] = i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : kBase64[bits & 63];
      bits >>= 6;
    }
    const auto size = std::min<std::uint64_t>(left, piece.size());
    out.write(piece.data(), static_cast<std::streamsize>(size));
    hash.update(ByteView(piece).substr(0, size));
    left -= size;
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
  return hex(hash);
}

/// Two Dovecots and a Postern.
struct HugeMessageTest : ::testing::Test {
  void SetUp() override {
    if (!dovecot_installed()) GTEST_SKIP() << "Dovecot is not installed";
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    GTEST_SKIP() << "a sanitizer's heap says nothing about ours";
#endif
#endif
    s = std::make_unique<Scenario>(ServerKind::dovecot);
    s->source.user().append("INBOX", mail("the one that makes the folder"));
  }
  /// Puts a message straight into the source's INBOX, as it is; nothing of it is held. Gives its digest.
  std::string receive(std::uint64_t octets) {
    const auto inbox = s->source.dovecot()->mail_directory() / MailServer::kUser;
    const auto size = std::to_string(octets);
    const auto file =
        inbox / "tmp" / (std::to_string(1'000'000'000 + ++received_) + ".M1P1.huge,S=" + size + ",W=" + size);
    const std::string digest = write_message(file, octets);
    const DovecotUsers users = dovecot_users();
    if (::lchown(file.c_str(), users.mail_uid, users.mail_gid) != 0) {
      throw std::system_error(errno, std::generic_category(), file.string());
    }
    std::filesystem::rename(file, inbox / "new" / file.filename());
    return digest;
  }
  /// The digest of the largest message that the target holds.
  std::string at_target() {
    std::filesystem::path largest;
    std::uintmax_t size = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(s->target.dovecot()->mail_directory())) {
      if (!entry.is_regular_file() || entry.file_size() <= size) continue;
      largest = entry.path();
      size = entry.file_size();
    }
    return largest.empty() ? "nothing" : digest_of(largest);
  }

  std::unique_ptr<Scenario> s;

 private:
  int received_ = 0;
};

std::string mib(std::uint64_t octets) { return std::to_string(octets / kMiB) + " MiB"; }

// Beside the same work in ordinary messages, and in all: what is buffered is bounded by octets, not by messages.
TEST_F(HugeMessageTest, CostsNoMoreThan32MiBBesideOrdinaryMail) {
  for (std::uint64_t put = 0; put < kOrdinary; put += kMiB) receive(kMiB + put / 1024);
  const SyncReport ordinary_pull = s->sync({"--pull-only"});
  const SyncReport ordinary_replay = s->sync({"--replay-only"});
  EXPECT_CLEAN(ordinary_pull);
  EXPECT_CLEAN(ordinary_replay);
  ASSERT_GT(ordinary_pull.peak_memory, kMiB) << "peak memory is not measured";

  const std::string digest = receive(huge_size());
  const SyncReport pull = s->sync({"--pull-only"});
  EXPECT_CLEAN(pull);
  const SyncReport replay = s->sync({"--replay-only"});
  EXPECT_CLEAN(replay);
  const ServerState vault = s->postern.ls();
  EXPECT_EQ(vault.at("INBOX").messages.back().sha256, digest);
  EXPECT_EQ(at_target(), digest);

  const std::string figures = mib(huge_size()) + ": pull " + mib(ordinary_pull.peak_memory) + " -> " +
                              mib(pull.peak_memory) + ", replay " + mib(ordinary_replay.peak_memory) + " -> " +
                              mib(replay.peak_memory);
  std::cout << "peak memory for " << figures << "\n";
  EXPECT_LE(pull.peak_memory, ordinary_pull.peak_memory + kMoreAtMost) << figures;
  EXPECT_LE(replay.peak_memory, ordinary_replay.peak_memory + kMoreAtMost) << figures;
  EXPECT_LE(pull.peak_memory, kProcessAtMost) << figures;
  EXPECT_LE(replay.peak_memory, kProcessAtMost) << figures;
}

}  // namespace
}  // namespace postern::testing
