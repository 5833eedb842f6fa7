#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <array>
#include <iterator>
#include <utility>

#include "core/io/tls.h"
#include "core/io/tls_stream.h"

namespace postern {
namespace {

// Where systems keep their bundle: Debian and Alpine, Fedora, openSUSE, FreeBSD.
constexpr std::array kSystemBundles = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                       "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
                                       "/usr/local/share/certs/ca-root-nss.crt"};
// What servers may sign the handshake with: no SHA-1.
constexpr std::array<std::uint16_t, 9> kSignatures = {
    SSL_SIGN_ED25519,          SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_RSA_PSS_RSAE_SHA256,
    SSL_SIGN_RSA_PKCS1_SHA256, SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_SIGN_RSA_PSS_RSAE_SHA384,
    SSL_SIGN_RSA_PKCS1_SHA384, SSL_SIGN_RSA_PSS_RSAE_SHA512,    SSL_SIGN_RSA_PKCS1_SHA512};
constexpr std::size_t kLongestCertificateMessage = 64 * 1024;

std::string system_bundle() {
  for (const char* path : kSystemBundles) {
    struct stat info {};
    if (::stat(path, &info) == 0) return path;
  }
  return {};
}

std::array<std::uint64_t, 4> stamp_of(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {};
  constexpr std::uint64_t kSecond = 1'000'000'000;
  return {info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size),
          static_cast<std::uint64_t>(info.st_mtim.tv_sec) * kSecond + static_cast<std::uint64_t>(info.st_mtim.tv_nsec)};
}

}  // namespace

void TlsSessionCache::Free::operator()(ssl_session_st* session) const { SSL_SESSION_free(session); }

void TlsSessionCache::put(const std::string& key, Session session) {
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= kKeys && !sessions_.contains(key)) sessions_.erase(sessions_.begin());
  auto& kept = sessions_[key];
  if (kept.size() >= kPerKey) kept.erase(kept.begin());
  kept.push_back(std::move(session));
}

TlsSessionCache::Session TlsSessionCache::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return nullptr;
  Session session = std::move(found->second.back());
  found->second.pop_back();
  if (found->second.empty()) sessions_.erase(found);
  return session;
}

std::size_t TlsSessionCache::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t total = 0;
  for (const auto& [key, kept] : sessions_) total += kept.size();
  return total;
}

TlsTrust::~TlsTrust() { SSL_CTX_free(context_); }

bool TlsTrust::outdated() const { return stamp_of(file_) != stamp_; }

Result<std::shared_ptr<const TlsTrust>> TlsTrust::load(const std::string& ca_file) {
  std::shared_ptr<TlsTrust> trust(new TlsTrust);
  trust->file_ = ca_file.empty() ? system_bundle() : ca_file;
  if (trust->file_.empty()) {
    return fail(Error(ErrorKind::config, "this system has no file of certificate authorities")
                    .remedy("install the package ca-certificates, or set tls_ca_file"));
  }
  trust->stamp_ = stamp_of(trust->file_);
  SSL_CTX* const context = trust->context_ = SSL_CTX_new(TLS_method());
  if (context == nullptr) return fail(ErrorKind::internal, "cannot make a TLS context");
  ERR_clear_error();
  if (SSL_CTX_load_verify_locations(context, trust->file_.c_str(), nullptr) != 1) {
    return fail(Error(ErrorKind::config, "cannot read certificates from " + trust->file_ + ": " + tls_take_reason())
                    .remedy("tls_ca_file names a readable file of certificates in PEM form"));
  }
  // One's own file may hold the server's certificate itself, or an intermediate authority's.
  if (!ca_file.empty()) X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  const bool ruled = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                     SSL_CTX_set_strict_cipher_list(context, "ALL:!3DES:!aPSK") == 1 &&
                     SSL_CTX_set_verify_algorithm_prefs(context, kSignatures.data(), kSignatures.size()) == 1;
  if (!ruled) return fail(ErrorKind::internal, "cannot set up TLS: " + tls_take_reason());
  SSL_CTX_set_max_cert_list(context, kLongestCertificateMessage);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  tls_install_callbacks(context);
  return trust;
}

}  // namespace postern
