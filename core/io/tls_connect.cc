#include <openssl/err.h>
#include <openssl/ssl.h>

#include <chrono>
#include <optional>
#include <utility>

#include "core/io/tcp.h"
#include "core/io/tls.h"
#include "core/io/tls_stream.h"
#include "core/io/tls_verify.h"

namespace postern {
namespace {

constexpr std::chrono::seconds kHandshakeLimit{20};

/// What the callbacks of one connection need; owned by its TlsStream.
struct Client {
  TlsClientOptions options;
  std::optional<Error> refused;
};

ssl_verify_result_t verify(SSL* ssl, std::uint8_t* alert) {
  auto& client = *static_cast<Client*>(SSL_get_app_data(ssl));
  client.refused = verify_peer(ssl, client.options.host);
  if (!client.refused) return ssl_verify_ok;
  *alert = SSL_AD_BAD_CERTIFICATE;
  return ssl_verify_invalid;
}

/// Returns 1 to take the reference. Only a verified handshake makes sessions.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* const client = static_cast<Client*>(SSL_get_app_data(ssl));
  if (client == nullptr || client->options.sessions == nullptr) return 0;
  client->options.sessions->put(client->options.session_key, TlsSessionCache::Session(session));
  return 1;
}

/// The name without the dot of the root, in the form of certificates and SNI.
std::string plain_host(std::string host) {
  if (host.ends_with('.')) host.pop_back();
  return host;
}

bssl::UniquePtr<SSL> make_client(Client& client) {
  bssl::UniquePtr<SSL> ssl(SSL_new(client.options.trust->context()));
  if (!ssl) return nullptr;
  SSL_set_connect_state(ssl.get());
  SSL_set_app_data(ssl.get(), &client);
  SSL_set_shed_handshake_config(ssl.get(), 1);
  SSL_set_renegotiate_mode(ssl.get(), ssl_renegotiate_never);
  const std::string& host = client.options.host;
  if (!is_ip_literal(host) && SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1) return nullptr;
  if (client.options.sessions != nullptr) {
    const auto session = client.options.sessions->take(client.options.session_key);
    if (session) SSL_set_session(ssl.get(), session.get());
  }
  return ssl;
}

/// TLS 1.2 resumes one session many times, without a new one from the server.
void put_back_session(SSL* ssl, const TlsClientOptions& options) {
  if (options.sessions == nullptr || SSL_session_reused(ssl) == 0) return;
  TlsSessionCache::Session session(SSL_get1_session(ssl));
  if (SSL_SESSION_should_be_single_use(session.get()) != 0) return;
  options.sessions->put(options.session_key, std::move(session));
}

}  // namespace

void tls_install_callbacks(SSL_CTX* context) {
  SSL_CTX_set_custom_verify(context, SSL_VERIFY_PEER, verify);
  SSL_CTX_set_reverify_on_resume(context, 1);
  SSL_CTX_sess_set_new_cb(context, keep_session);
}

Task<Result<std::unique_ptr<Stream>>> tls_connect(Scheduler& scheduler, std::unique_ptr<Stream> clear,
                                                  TlsClientOptions options, Wait wait) {
  auto client = std::make_shared<Client>();
  client->options = std::move(options);
  client->options.host = plain_host(std::move(client->options.host));
  ERR_clear_error();
  auto ssl = make_client(*client);
  if (!ssl)
    co_return fail(
        Error(ErrorKind::config, "TLS cannot use this host name: " + tls_take_reason()).remedy("check host"));
  auto stream = std::make_unique<TlsStream>(std::move(clear), std::move(ssl));
  stream->keep(client);
  const Result<void> shaken = co_await stream->handshake(wait.until(scheduler.now() + kHandshakeLimit));
  if (client->refused) co_return fail(std::move(*client->refused));
  if (!shaken) co_return fail(Error(shaken.error()).at("TLS handshake"));
  put_back_session(stream->ssl(), client->options);
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace postern
