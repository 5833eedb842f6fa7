#include "tests/support/io/tls_server.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <stdexcept>
#include <utility>

#include "core/io/tls_stream.h"

namespace postern::testing {
namespace {

int number(TlsServer::Version version) {
  switch (version) {
    case TlsServer::Version::tls1_0:
      return TLS1_VERSION;
    case TlsServer::Version::tls1_1:
      return TLS1_1_VERSION;
    case TlsServer::Version::tls1_2:
      return TLS1_2_VERSION;
    case TlsServer::Version::tls1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_3_VERSION;
}

bssl::UniquePtr<BIO> reader(const std::string& pem) {
  return bssl::UniquePtr<BIO>(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

}  // namespace

struct TlsServer::Impl {
  bssl::UniquePtr<SSL_CTX> context{SSL_CTX_new(TLS_method())};
};

TlsServer::TlsServer(const Identity& identity) : impl_(std::make_unique<Impl>()) {
  SSL_CTX_set_min_proto_version(impl_->context.get(), TLS1_VERSION);
  present(identity);
}

TlsServer::~TlsServer() = default;

void TlsServer::versions(Version lowest, Version highest) {
  SSL_CTX_set_min_proto_version(impl_->context.get(), static_cast<std::uint16_t>(number(lowest)));
  SSL_CTX_set_max_proto_version(impl_->context.get(), static_cast<std::uint16_t>(number(highest)));
}

void TlsServer::present(const Identity& identity) {
  SSL_CTX* const context = impl_->context.get();
  const auto pem = reader(identity.certificate);
  bssl::UniquePtr<X509> leaf(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
  SSL_CTX_clear_chain_certs(context);
  bool ok = leaf && SSL_CTX_use_certificate(context, leaf.get()) == 1;
  while (X509* above = PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr)) SSL_CTX_add0_chain_cert(context, above);
  const auto key_pem = reader(identity.key);
  bssl::UniquePtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(key_pem.get(), nullptr, nullptr, nullptr));
  ok = ok && key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
  if (!ok) throw std::runtime_error("the test server cannot use its certificate");
}

void TlsServer::pad_chain(const std::string& certificate_pem, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto pem = reader(certificate_pem);
    SSL_CTX_add0_chain_cert(impl_->context.get(), PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
  }
}

Task<Result<std::unique_ptr<Stream>>> TlsServer::accept(Scheduler&, std::unique_ptr<Stream> clear, Wait wait) {
  bssl::UniquePtr<SSL> ssl(SSL_new(impl_->context.get()));
  SSL_set_accept_state(ssl.get());
  auto stream = std::make_unique<TlsStream>(std::move(clear), std::move(ssl));
  const Result<void> shaken = co_await stream->handshake(wait);
  const char* const name = SSL_get_servername(stream->ssl(), TLSEXT_NAMETYPE_host_name);
  server_name_ = name == nullptr ? "" : name;
  if (!shaken) co_return fail(shaken.error());
  ++handshakes_;
  if (SSL_session_reused(stream->ssl())) ++resumed_;
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace postern::testing
