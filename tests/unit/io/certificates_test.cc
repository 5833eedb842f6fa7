#include "tests/support/io/certificates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace postern::testing {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ostringstream all;
  all << std::ifstream(path).rdbuf();
  return all.str();
}

std::size_t certificates_in(const std::string& pem) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = pem.find("BEGIN CERTIFICATE", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST(CertificateAuthority, WritesWhatServersAndClientsRead) {
  const std::filesystem::path dir = std::filesystem::path(::testing::TempDir()) / "postern-certificates-test";
  std::filesystem::create_directories(dir);
  const CertificateAuthority authority;
  const Identity identity = authority.issue();
  authority.write(dir);
  CertificateAuthority::write(identity, dir);
  EXPECT_EQ(read(dir / "ca.pem"), authority.certificate());
  EXPECT_EQ(read(dir / "cert.pem"), identity.certificate);
  EXPECT_EQ(read(dir / "key.pem"), identity.key);
  EXPECT_EQ(std::filesystem::status(dir / "key.pem").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::remove_all(dir);
}

TEST(CertificateAuthority, LeafsCarryTheirIntermediates) {
  const CertificateAuthority root;
  EXPECT_EQ(certificates_in(root.issue().certificate), 1U);
  EXPECT_EQ(certificates_in(root.intermediate("A").intermediate("B").issue().certificate), 3U);
}

}  // namespace
}  // namespace postern::testing
