// The certificate matrix (M001–M008) over real sockets, for implicit TLS and for STARTTLS's secure() alike.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/io/net_dialer.h"
#include "core/io/task_group.h"
#include "tests/support/io/certificates.h"
#include "tests/support/io/tls_server.h"

namespace postern {
namespace {

using std::chrono::hours;
using testing::CertificateAuthority;
using ::testing::HasSubstr;
using testing::Identity;
using testing::LeafOptions;
using ::testing::StartsWith;
using testing::TlsServer;

class FixedResolver final : public Resolver {
 public:
  Task<Result<std::vector<std::string>>> resolve(std::string, Wait) override {
    co_return std::vector<std::string>{"127.0.0.1"};
  }
};

struct TlsMatrix : ::testing::TestWithParam<TlsMode> {
  Loop loop;
  FixedResolver resolver;
  TlsSessionCache sessions;
  NetDialer dialer{loop, resolver, sessions};
  CertificateAuthority authority;
  std::filesystem::path dir = std::filesystem::temp_directory_path() / ("postern-tls-" + std::to_string(::getpid()));
  std::unique_ptr<TcpListener> listener = *TcpListener::listen(loop, {"127.0.0.1", 0});
  std::string server_heard;  // what the client said after the handshake

  void SetUp() override {
    std::filesystem::create_directories(dir);
    trust(authority.certificate());
  }
  void TearDown() override { std::filesystem::remove_all(dir); }
  void trust(const std::string& pem) { std::ofstream(dir / "ca.pem", std::ios::trunc) << pem; }

  Task<void> serve(TlsServer& server) {
    auto clear = co_await listener->accept({});
    auto secured = co_await server.accept(loop, std::move(*clear), {});
    if (!secured) co_return;
    std::array<char, 64> buffer;
    const auto got = co_await (*secured)->read_some(buffer, {});
    if (got) server_heard.assign(buffer.data(), *got);
    const auto answered = co_await (*secured)->write_all("welcome", {});
    if (answered) static_cast<void>(co_await (*secured)->shutdown({}));
  }

  /// Connects to "host" and says a password; "" when all went well, else the error.
  Task<std::string> visit(std::string host) {
    Endpoint endpoint{.host = host, .port = listener->port(), .tls = GetParam(), .ca_file = dir / "ca.pem"};
    auto line = co_await dialer.dial(endpoint, {});
    if (line && GetParam() == TlsMode::starttls) line = co_await dialer.secure(std::move(*line), endpoint, {});
    if (!line) {
      EXPECT_EQ(line.error().kind(), ErrorKind::security) << line.error().to_string();
      EXPECT_THAT(line.error().where(), StartsWith(SocketAddress(host, listener->port()).to_string()));
      EXPECT_NE(line.error().remedy(), "");
      co_return line.error().what() + "; " + line.error().remedy();
    }
    const auto said = co_await (*line)->write_all("password", {});
    EXPECT_TRUE(said);
    std::array<char, 64> buffer;
    const auto got = co_await (*line)->read_some(buffer, {});
    EXPECT_TRUE(got);
    const auto end = co_await (*line)->read_some(buffer, {});
    EXPECT_TRUE(end && *end == 0);
    co_return "";
  }

  Task<std::string> meet(TlsServer& server, std::string host) {
    TaskGroup group(loop);
    group.spawn(serve(server));
    std::string outcome = co_await visit(host);
    co_await group.join();
    co_return outcome;
  }

  std::string visit_server(TlsServer& server, const std::string& host = "imap.test") {
    server_heard.clear();
    const std::string outcome = loop.run(meet(server, host));
    EXPECT_EQ(server_heard, outcome.empty() ? "password" : "");
    return outcome;
  }
  std::string visit_certificate(const Identity& identity, const std::string& host = "imap.test") {
    TlsServer server(identity);
    return visit_server(server, host);
  }
  std::string visit_leaf(const LeafOptions& leaf, const std::string& host = "imap.test") {
    return visit_certificate(authority.issue(leaf), host);
  }
  static LeafOptions named(const std::string& name) { return {.common_name = name, .dns_names = {name}}; }
};

TEST_P(TlsMatrix, AGoodCertificateIsAccepted) {
  TlsServer server(authority.issue(named("imap.test")));
  EXPECT_EQ(visit_server(server), "");
  EXPECT_EQ(server.server_name(), "imap.test");
  EXPECT_EQ(visit_leaf(named("imap.test"), "IMAP.test."), "");
}

TEST_P(TlsMatrix, M001_Expired) {
  auto leaf = named("imap.test");
  leaf.valid_from = hours(-48);
  leaf.valid_until = hours(-24);
  EXPECT_THAT(visit_leaf(leaf), StartsWith("the certificate expired on 20"));
}

TEST_P(TlsMatrix, M002_NotYetValid) {
  auto leaf = named("imap.test");
  leaf.valid_from = hours(24);
  EXPECT_THAT(visit_leaf(leaf),
              AllOf(StartsWith("the certificate is not valid before 20"), HasSubstr("check the clock")));
}

TEST_P(TlsMatrix, M003_AnotherHost) {
  EXPECT_THAT(visit_leaf(named("mail.example")), StartsWith("the certificate is for mail.example, not imap.test"));
}

TEST_P(TlsMatrix, M003_ACommonNameAloneDoesNotCount) {
  LeafOptions leaf = named("imap.test");
  leaf.dns_names.clear();
  EXPECT_THAT(visit_leaf(leaf), StartsWith("the certificate names no host in its subject alternative names"));
}

TEST_P(TlsMatrix, M003_Wildcards) {
  EXPECT_EQ(visit_leaf(named("*.mail.test"), "imap.mail.test"), "");
  EXPECT_NE(visit_leaf(named("*"), "imap.test"), "");
  EXPECT_NE(visit_leaf(named("*.test"), "imap.test"), "");
  EXPECT_NE(visit_leaf(named("i*.mail.test"), "imap.mail.test"), "");
  EXPECT_NE(visit_leaf(named("*p.mail.test"), "imap.mail.test"), "");
  EXPECT_NE(visit_leaf(named("*.mail.test"), "a.imap.mail.test"), "");
  EXPECT_NE(visit_leaf(named("*.mail.test"), "mail.test"), "");
  EXPECT_NE(visit_leaf(named("imap.*.test"), "imap.mail.test"), "");
}

TEST_P(TlsMatrix, M004_SelfSignedOrUnknownAuthority) {
  EXPECT_THAT(visit_certificate(CertificateAuthority::self_signed(named("imap.test"))),
              AllOf(StartsWith("the certificate is signed by itself"), HasSubstr("tls_ca_file")));
  const CertificateAuthority stranger("Stranger");
  EXPECT_THAT(visit_certificate(stranger.issue(named("imap.test"))),
              AllOf(StartsWith("the certificate is not signed by a known authority"), HasSubstr("tls_ca_file")));
}

TEST_P(TlsMatrix, M004_OnesOwnFileMayHoldTheServersCertificate) {
  const Identity own = CertificateAuthority::self_signed(named("imap.test"));
  trust(own.certificate);
  EXPECT_EQ(visit_certificate(own), "");
  EXPECT_NE(visit_certificate(CertificateAuthority::self_signed(named("imap.test"))), "");
  EXPECT_NE(visit_certificate(own, "other.test"), "");
}

TEST_P(TlsMatrix, M005_Chains) {
  const auto middle = authority.intermediate("Middle");
  EXPECT_EQ(visit_certificate(middle.issue(named("imap.test"))), "");
  Identity incomplete = middle.issue(named("imap.test"));
  incomplete.certificate = incomplete.certificate.substr(0, incomplete.certificate.find("-----BEGIN", 1));
  EXPECT_THAT(visit_certificate(incomplete), HasSubstr("intermediate"));
}

TEST_P(TlsMatrix, M005_SuperfluousCertificatesAreIgnoredAndAFloodOfThemRefused) {
  TlsServer chatty(authority.issue(named("imap.test")));
  chatty.pad_chain(CertificateAuthority("Unrelated").certificate(), 5);
  EXPECT_EQ(visit_server(chatty), "");
  TlsServer flood(authority.issue(named("imap.test")));
  flood.pad_chain(CertificateAuthority("Unrelated").certificate(), 500);
  EXPECT_THAT(visit_server(flood), HasSubstr("EXCESSIVE_MESSAGE_SIZE"));
}

TEST_P(TlsMatrix, M006_OldVersions) {
  TlsServer old(authority.issue(named("imap.test")));
  old.versions(TlsServer::Version::tls1_0, TlsServer::Version::tls1_1);
  EXPECT_THAT(visit_server(old), HasSubstr("no TLS version that is still safe"));
  old.versions(TlsServer::Version::tls1_2, TlsServer::Version::tls1_2);
  EXPECT_EQ(visit_server(old), "");
  old.versions(TlsServer::Version::tls1_0, TlsServer::Version::tls1_3);
  EXPECT_EQ(visit_server(old), "");
}

TEST_P(TlsMatrix, M006_WeakKeysAndDigests) {
  auto weak = named("imap.test");
  weak.rsa_bits = 1024;
  EXPECT_THAT(visit_leaf(weak), HasSubstr("too weak (1024 bits)"));
  weak.rsa_bits = 2048;
  EXPECT_EQ(visit_leaf(weak), "");
  weak.rsa_bits = 0;
  weak.sha1 = true;
  EXPECT_NE(visit_leaf(weak), "");
}

TEST_P(TlsMatrix, M007_WrongPurpose) {
  auto leaf = named("imap.test");
  leaf.server_auth = false;
  EXPECT_THAT(visit_leaf(leaf), StartsWith("the certificate is not meant for TLS servers"));
}

TEST_P(TlsMatrix, M007_NameConstraints) {
  const auto narrow = authority.intermediate("Narrow", "example.test");
  EXPECT_EQ(visit_certificate(narrow.issue(named("imap.example.test")), "imap.example.test"), "");
  EXPECT_THAT(visit_certificate(narrow.issue(named("imap.other.test")), "imap.other.test"),
              HasSubstr("not acceptable"));
}

TEST_P(TlsMatrix, M007_Addresses) {
  LeafOptions leaf{.common_name = "127.0.0.1", .dns_names = {"imap.test"}, .ip_addresses = {"127.0.0.1"}};
  TlsServer server(authority.issue(leaf));
  EXPECT_EQ(visit_server(server, "127.0.0.1"), "");
  EXPECT_EQ(server.server_name(), "");  // SNI is for names
  leaf.ip_addresses = {"127.0.0.2"};
  EXPECT_THAT(visit_leaf(leaf, "127.0.0.1"), StartsWith("the certificate is for imap.test, 127.0.0.2, not 127.0.0.1"));
  leaf.ip_addresses.clear();
  leaf.dns_names = {"127.0.0.1"};  // an address in a dNSName is not an address
  EXPECT_NE(visit_leaf(leaf, "127.0.0.1"), "");
}

TEST_P(TlsMatrix, SessionsAreResumed) {
  for (const auto version : {TlsServer::Version::tls1_2, TlsServer::Version::tls1_3}) {
    TlsServer server(authority.issue(named("imap.test")));
    server.versions(version, version);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(visit_server(server), "");
    EXPECT_EQ(server.handshakes(), 3U);
    EXPECT_EQ(server.resumed(), 2U);
  }
}

TEST_P(TlsMatrix, M008_AnotherIdentityAtTheReconnect) {
  TlsServer server(authority.issue(named("imap.test")));
  EXPECT_EQ(visit_server(server), "");
  TlsServer impostor(CertificateAuthority("Stranger").issue(named("imap.test")));  // cannot resume: presents its own
  EXPECT_NE(visit_server(impostor), "");
  EXPECT_EQ(impostor.resumed(), 0U);
}

TEST_P(TlsMatrix, M008_AResumedSessionIsVerifiedAnew) {
  TlsServer server(authority.issue(named("imap.test")));
  EXPECT_EQ(visit_server(server), "");
  trust(CertificateAuthority("Another").certificate());  // the authority is no longer trusted
  EXPECT_THAT(visit_server(server), StartsWith("the certificate is not signed by a known authority"));
}

TEST_P(TlsMatrix, AnUnreadableAuthorityFileIsTheConfigurationsFault) {
  const auto line = loop.run(
      dialer.secure(nullptr, {.host = "imap.test", .port = 1, .tls = GetParam(), .ca_file = dir / "none.pem"}, {}));
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().kind(), ErrorKind::config);
}

TEST(TlsTrust, TheSystemsStoreIsFound) { EXPECT_TRUE(TlsTrust::load("")); }

INSTANTIATE_TEST_SUITE_P(Modes, TlsMatrix, ::testing::Values(TlsMode::implicit, TlsMode::starttls),
                         [](const auto& mode) { return mode.param == TlsMode::implicit ? "Implicit" : "Starttls"; });

}  // namespace
}  // namespace postern
