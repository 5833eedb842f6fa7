#include "tests/unit/storage/vault_fixture.h"

#include <random>

namespace postern::storage {

TempFolder::TempFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "postern-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Bytes noise(std::size_t octets, unsigned seed) {
  std::mt19937 generator(seed);
  Bytes out(octets, '\0');
  for (char& octet : out) octet = static_cast<char>(generator());
  return out;
}

Bytes message(int number, std::size_t octets) {
  Bytes out = "From: a@example.org\r\nTo: b@example.org\r\nSubject: message " + std::to_string(number) +
              "\r\nMessage-ID: <" + std::to_string(number) + "@example.org>\r\n\r\n";
  while (out.size() < octets)
    out += "The quick brown fox number " + std::to_string(out.size() * 31 % 997) + " jumps.\r\n";
  return out;
}

VaultOptions VaultTest::options() const {
  VaultOptions options;
  options.path = folder.path() / "vault";
  options.clock = &clock;
  return options;
}

void VaultTest::open(VaultOptions options) {
  auto opened = Vault::open(std::move(options));
  ASSERT_TRUE(opened) << opened.error().to_string();
  vault = *std::move(opened);
  const auto id = vault->account_id("alice");
  ASSERT_TRUE(id) << id.error().to_string();
  account = *id;
}

MailboxId VaultTest::mailbox(std::string_view name) {
  MailboxRecord record;
  record.name = *MailboxName::from_utf8(name, '/');
  const auto put = vault->put_mailbox(account, record);
  EXPECT_TRUE(put) << put.error().to_string();
  EXPECT_TRUE(vault->new_generation(account, put->id, kGeneration));
  return put->id;
}

NewEntry VaultTest::entry(std::uint32_t uid, const Bytes& body, FlagSet flags) {
  auto sealed = vault->seal(body);
  EXPECT_TRUE(sealed) << sealed.error().to_string();
  return {Uid(uid), std::move(flags), {1'000'000 + uid, 60}, ModSeq(uid), *std::move(sealed)};
}

Digest VaultTest::append(MailboxId mailbox, std::uint32_t uid, const Bytes& body, FlagSet flags) {
  Changes one = changes(mailbox);
  one.appended.push_back(entry(uid, body, std::move(flags)));
  const Digest digest = one.appended.front().body.digest;
  commit(std::move(one));
  return digest;
}

Committed VaultTest::commit(Changes changes) {
  const auto committed = vault->commit(account, std::move(changes));
  EXPECT_TRUE(committed) << committed.error().to_string();
  return committed.value_or(Committed{});
}

Bytes VaultTest::read(const Digest& digest) {
  auto reader = vault->open_object(digest);
  EXPECT_TRUE(reader) << reader.error().to_string();
  Bytes all;
  while (reader) {
    const auto piece = (*reader)->next();
    EXPECT_TRUE(piece) << piece.error().to_string();
    if (!piece || piece->empty()) break;
    EXPECT_LE(piece->size(), Vault::kMaxWhole);
    all += *piece;
  }
  return all;
}

std::vector<Entry> VaultTest::entries(MailboxId mailbox) {
  auto found = vault->entries(account, mailbox, kGeneration, {1, UINT32_MAX}, 1'000'000);
  EXPECT_TRUE(found) << found.error().to_string();
  return found.value_or(std::vector<Entry>());
}

void VaultTest::expect_sound() {
  CheckOptions options;
  options.read_data = true;
  const auto report = vault->check(options);
  ASSERT_TRUE(report) << report.error().to_string();
  for (const CheckProblem& problem : report->problems) {
    ADD_FAILURE() << problem.kind << " " << problem.digest << " " << problem.detail;
  }
}

}  // namespace postern::storage
