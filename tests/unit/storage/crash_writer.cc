// A program of its own, to be killed: RocksDB's background threads do not survive a fork.
//
//   storage_crash_writer VAULT FIRST_UID LARGE [settling]
//
// Appends messages from FIRST_UID on, every seventh of LARGE octets, the others small, several commits under way, and
// writes each UID to stdout as four octets when its commit is durable. With "settling" it waits for its commits now and
// then, and the vault settles at once when nothing comes. Ends by being killed.

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <semaphore>
#include <string>

#include "storage/vault.h"

using namespace postern;

namespace {

constexpr UidValidity kValidity{7};

Bytes body_of(std::uint32_t uid, std::size_t large) {
  Bytes body = "Message-ID: <" + std::to_string(uid) + "@example.org>\r\n\r\n";
  const std::size_t octets = uid % 7 == 0 ? large + uid : 2'000;
  while (body.size() < octets) body += std::to_string(body.size() * 2'654'435'761u + uid) + "\r\n";
  return body;
}

storage::SealedBody seal(storage::Vault& vault, const Bytes& body) {
  if (body.size() <= storage::Vault::kMaxWhole) return vault.seal(body).value();
  const auto sealer = vault.sealer();
  if (!sealer->add(body)) std::abort();
  return sealer->finish().value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const bool settling = argc == 5;
  const auto large = static_cast<std::size_t>(std::atoi(argv[3]));
  storage::VaultOptions options;
  options.path = argv[1];
  options.write_buffer_octets = 512u << 10;  // so that flushes are under way as well
  if (settling) options.settle_after = std::chrono::milliseconds(0);
  const auto vault = storage::Vault::open(options).value();
  const AccountId account = vault->account_id("alice").value();
  const MailboxId mailbox = vault->mailboxes(account).value().at(0).id;
  constexpr int kUnderWay = 8;
  std::counting_semaphore<kUnderWay> room(kUnderWay);
  for (auto uid = static_cast<std::uint32_t>(std::atoi(argv[2]));; ++uid) {
    storage::Changes one{mailbox, kValidity, {}, {}, {}, {}, {}};
    one.appended.push_back({Uid(uid), {"\\Seen"}, {}, ModSeq(uid), seal(*vault, body_of(uid, large))});
    one.cursor = SourceCursor{kValidity, uid + 1, uid, ModSeq(uid), {}};
    if (settling && uid % 9 == 0) {
      for (int i = 0; i < kUnderWay; ++i) room.acquire();
      room.release(kUnderWay);
    }
    room.acquire();
    vault->commit(account, std::move(one), [uid, &room](Result<storage::Committed> committed) {
      if (!committed || write(STDOUT_FILENO, &uid, sizeof uid) != sizeof uid) _exit(1);
      room.release();
    });
  }
}
