#include "core/io/tls_verify.h"

#include <openssl/asn1.h>
#include <openssl/nid.h>
#include <openssl/obj.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <ctime>

#include "core/base/escape.h"
#include "core/io/tcp.h"

namespace postern {
namespace {

constexpr int kLongestChain = 10;

Error refuse(std::string what, std::string remedy) {
  return Error(ErrorKind::security, std::move(what)).remedy(std::move(remedy));
}

/// "2026-11-21 22:00 UTC".
std::string date(const ASN1_TIME* time) {
  bssl::UniquePtr<ASN1_GENERALIZEDTIME> general(ASN1_TIME_to_generalizedtime(const_cast<ASN1_TIME*>(time), nullptr));
  if (!general) return "an unreadable date";
  const std::string t(reinterpret_cast<const char*>(ASN1_STRING_get0_data(general.get())),
                      static_cast<std::size_t>(ASN1_STRING_length(general.get())));
  if (t.size() < 12) return "an unreadable date";
  return t.substr(0, 4) + "-" + t.substr(4, 2) + "-" + t.substr(6, 2) + " " + t.substr(8, 2) + ":" + t.substr(10, 2) +
         " UTC";
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc)};
}

std::string to_text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string ip_text(const std::string& octets) {
  char text[INET6_ADDRSTRLEN] = "";
  const int family = octets.size() == 4 ? AF_INET : AF_INET6;
  if (octets.size() != 4 && octets.size() != 16) return "an unreadable address";
  return inet_ntop(family, octets.data(), text, sizeof text);
}

/// Whom the certificate is for, for people: the first few of its subject alternative names.
std::string names_of(X509* certificate) {
  constexpr std::size_t kEnough = 4;
  bssl::UniquePtr<GENERAL_NAMES> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string all;
  std::size_t shown = 0;
  const std::size_t count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = to_text(name->d.dNSName);
    if (name->type == GEN_IPADD) text = ip_text(to_text(name->d.iPAddress));
    if (text.empty()) continue;
    if (++shown > kEnough) return all + ", …";
    all += (all.empty() ? "" : ", ") + escape_for_people(text, 100);
  }
  return all;
}

Error name_mismatch(X509* leaf, const std::string& host) {
  const std::string names = names_of(leaf);
  if (names.empty()) {
    return refuse(
        "the certificate names no host in its subject alternative names, so it cannot be for " + host,
        "the server's operator must renew it with subjectAltName; a common name alone has not counted since 2011");
  }
  return refuse("the certificate is for " + names + ", not " + host,
                "set host to a name that the certificate has, or have the server's certificate renewed for this one");
}

Error unknown_authority(X509* certificate) {
  if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0) {
    return refuse("the certificate is signed by itself, not by a known authority",
                  "if this is your server, let tls_ca_file name its certificate or your own CA");
  }
  return refuse("the certificate is not signed by a known authority",
                "let tls_ca_file name your own CA; if the authority is a public one, the server fails to send its "
                "intermediate certificate");
}

Error explain(X509_STORE_CTX* context, const std::string& host) {
  const int code = X509_STORE_CTX_get_error(context);
  X509* const at = X509_STORE_CTX_get_current_cert(context);
  const bool leaf = X509_STORE_CTX_get_error_depth(context) == 0;
  const std::string which = leaf ? "the certificate" : "a certificate of an authority in the chain";
  switch (code) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return name_mismatch(at, host);
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return refuse(which + " expired on " + date(X509_get0_notAfter(at)),
                    "the server's operator must renew it; this machine's clock says " + today());
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return refuse(which + " is not valid before " + date(X509_get0_notBefore(at)),
                    "check the clock of this machine, which says " + today());
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:  // another authority of the same name
      return unknown_authority(at);
    case X509_V_ERR_INVALID_PURPOSE:
      return refuse(which + " is not meant for TLS servers",
                    "the server's operator must renew it with the use serverAuth");
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return refuse("the chain of certificates is too long", "");
    default:
      return refuse(which + " is not acceptable: " + X509_verify_cert_error_string(code),
                    "the server's operator must have it renewed");
  }
}

/// Broken digests and keys that can be broken: X509_verify_cert() takes both.
std::optional<Error> find_weakness(X509_STORE_CTX* context) {
  constexpr int kLeastRsaBits = 2048;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context);
  const std::size_t count = sk_X509_num(chain);
  for (std::size_t i = 0; i < count; ++i) {
    X509* const certificate = sk_X509_value(chain, i);
    bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(certificate));
    const int type = key ? EVP_PKEY_id(key.get()) : EVP_PKEY_NONE;
    const int bits = key ? EVP_PKEY_bits(key.get()) : 0;
    if ((type == EVP_PKEY_RSA && bits < kLeastRsaBits) || type == EVP_PKEY_DSA || type == EVP_PKEY_NONE) {
      return refuse("a certificate of the chain has a key that is too weak (" + std::to_string(bits) + " bits)",
                    "the server's operator must renew it with an RSA key of 2048 bits or more, or an elliptic one");
    }
    const bool anchor = i > 0 && i + 1 == count;  // trusted for being in the store, not for its signature
    int digest = NID_undef;
    if (anchor || OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, nullptr) != 1) continue;
    if (digest == NID_md5 || digest == NID_sha1 || digest == NID_md5_sha1) {
      return refuse(
          "a certificate of the chain is signed with a broken digest (" + std::string(OBJ_nid2sn(digest)) + ")",
          "the server's operator must renew it");
    }
  }
  return std::nullopt;
}

bssl::UniquePtr<STACK_OF(X509)> presented(SSL* ssl) {
  bssl::UniquePtr<STACK_OF(X509)> chain(sk_X509_new_null());
  const STACK_OF(CRYPTO_BUFFER)* buffers = SSL_get0_peer_certificates(ssl);
  for (std::size_t i = 0; chain && buffers != nullptr && i < sk_CRYPTO_BUFFER_num(buffers); ++i) {
    bssl::UniquePtr<X509> certificate(X509_parse_from_buffer(sk_CRYPTO_BUFFER_value(buffers, i)));
    if (!certificate) return nullptr;
    bssl::PushToStack(chain.get(), std::move(certificate));
  }
  return chain;
}

bool set_rules(X509_VERIFY_PARAM* rules, const std::string& host) {
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_depth(rules, kLongestChain);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_ip_literal(host)) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.substr(0, host.find('%')).c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(rules, host.data(), host.size()) == 1;
}

}  // namespace

std::optional<Error> verify_peer(SSL* ssl, const std::string& host) {
  const auto chain = presented(ssl);
  if (!chain || sk_X509_num(chain.get()) == 0) return refuse("the server sent no readable certificate", "");
  bssl::UniquePtr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE* const store = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  if (!context || X509_STORE_CTX_init(context.get(), store, sk_X509_value(chain.get(), 0), chain.get()) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1 ||
      !set_rules(X509_STORE_CTX_get0_param(context.get()), host)) {
    return refuse("the certificate cannot be checked for \"" + escape_for_people(host) + "\"", "check host");
  }
  if (X509_verify_cert(context.get()) != 1) return explain(context.get(), host);
  return find_weakness(context.get());
}

}  // namespace postern
