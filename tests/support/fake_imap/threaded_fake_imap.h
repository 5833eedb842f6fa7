#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include "core/io/stop_token.h"
#include "tests/support/fake_imap/fake_imap_server.h"
#include "tests/support/io/certificates.h"

namespace postern {
class Loop;
}

namespace postern::testing {

/// A FakeImapServer behind TCP on 127.0.0.1, served by a loop on a thread of its own: for whole programs and for
/// clients that block. Its certificate, for "localhost" and 127.0.0.1, comes from an authority of its own.
class ThreadedFakeImap {
 public:
  explicit ThreadedFakeImap(FakeImapOptions options = {});
  ThreadedFakeImap(const ThreadedFakeImap&) = delete;
  ThreadedFakeImap& operator=(const ThreadedFakeImap&) = delete;
  ~ThreadedFakeImap();

  FakeImapServer* operator->() { return &server_; }
  FakeImapServer& server() { return server_; }
  std::uint16_t imap_port() const { return ports_.imap; }  // clear, STARTTLS if offered
  std::uint16_t imaps_port() const { return ports_.imaps; }
  /// PEM of its authority.
  std::string ca_certificate() const { return authority_.certificate(); }

 private:
  struct Ports {
    std::uint16_t imap = 0, imaps = 0;
  };
  void run(std::promise<Ports> ready);

  FakeImapServer server_;
  CertificateAuthority authority_;
  std::unique_ptr<Loop> loop_;
  StopSource stop_;  // the loop's thread only
  Ports ports_;
  std::thread thread_;
};

}  // namespace postern::testing
