#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "storage/vault.h"

namespace postern::storage {

/// A folder of its own that goes with the test.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A wall clock that moves by one second at each look.
class TickingClock final : public Clock {
 public:
  MonotonicTime now() const override { return {}; }
  WallTime wall() const override { return at += std::chrono::seconds(1); }
  mutable WallTime at{std::chrono::seconds(1'700'000'000)};
};

/// Octets that do not shrink, the same for the same seed.
Bytes noise(std::size_t octets, unsigned seed);
/// A plausible message of about `octets`.
Bytes message(int number, std::size_t octets = 600);

/// A vault with one account "alice" and verbs on it. A failed step fails the test.
class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() { open(options()); }
  void open(VaultOptions options);
  void reopen() {
    vault.reset();
    open();
  }
  VaultOptions options() const;

  MailboxId mailbox(std::string_view name = "INBOX");
  NewEntry entry(std::uint32_t uid, const Bytes& body, FlagSet flags = {});
  /// Commits one message and gives its digest.
  Digest append(MailboxId mailbox, std::uint32_t uid, const Bytes& body, FlagSet flags = {});
  Committed commit(Changes changes);
  Changes changes(MailboxId mailbox) const { return {mailbox, kGeneration, {}, {}, {}, {}}; }
  Bytes read(const Digest& digest);
  std::vector<Entry> entries(MailboxId mailbox);
  /// Checks everything, data included.
  void expect_sound();

  static constexpr UidValidity kGeneration{7};
  TempFolder folder;
  TickingClock clock;
  AccountId account;
  std::unique_ptr<Vault> vault;
};

}  // namespace postern::storage
