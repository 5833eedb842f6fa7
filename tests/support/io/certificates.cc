#include "tests/support/io/certificates.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace postern::testing {
namespace {

constexpr long kVersion3 = 2;

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("making a certificate: ") + what);
}

bssl::UniquePtr<EVP_PKEY> make_key(unsigned rsa_bits) {
  bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  if (rsa_bits == 0) {
    bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
    check(ec && EC_KEY_generate_key(ec.get()) == 1, "EC key");
    EVP_PKEY_assign_EC_KEY(key.get(), ec.release());
  } else {
    bssl::UniquePtr<BIGNUM> exponent(BN_new());
    bssl::UniquePtr<RSA> rsa(RSA_new());
    check(BN_set_word(exponent.get(), RSA_F4) == 1, "exponent");
    check(RSA_generate_key_ex(rsa.get(), static_cast<int>(rsa_bits), exponent.get(), nullptr) == 1, "RSA key");
    EVP_PKEY_assign_RSA(key.get(), rsa.release());
  }
  return key;
}

template <class Writer>
std::string pem(Writer writer) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  check(writer(bio.get()) == 1, "PEM");
  const std::uint8_t* data = nullptr;
  std::size_t size = 0;
  BIO_mem_contents(bio.get(), &data, &size);
  return {reinterpret_cast<const char*>(data), size};
}

std::string to_pem(X509* certificate) {
  return pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}
std::string to_pem(EVP_PKEY* key) {
  return pem([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  bssl::UniquePtr<X509_EXTENSION> extension(X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1, value.c_str());
}

bssl::UniquePtr<X509> begin(const std::string& common_name, EVP_PKEY* key, std::chrono::seconds from,
                            std::chrono::seconds until) {
  static std::uint64_t serial = static_cast<std::uint64_t>(std::time(nullptr)) << 20;
  bssl::UniquePtr<X509> certificate(X509_new());
  X509_set_version(certificate.get(), kVersion3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_get_notBefore(certificate.get()), static_cast<long>(from.count()));
  X509_gmtime_adj(X509_get_notAfter(certificate.get()), static_cast<long>(until.count()));
  const auto* name = reinterpret_cast<const std::uint8_t*>(common_name.data());
  check(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, name,
                                   static_cast<int>(common_name.size()), -1, 0) == 1,
        "common name");
  check(X509_set_pubkey(certificate.get(), key) == 1, "public key");
  return certificate;
}

std::string subject_alternatives(const LeafOptions& options) {
  std::string all;
  for (const auto& name : options.dns_names) all += (all.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& ip : options.ip_addresses) all += (all.empty() ? "IP:" : ",IP:") + ip;
  return all;
}

bssl::UniquePtr<X509> make_leaf(const LeafOptions& options, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  auto leaf = begin(options.common_name, key, options.valid_from, options.valid_until);
  if (issuer == nullptr) issuer = leaf.get();
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
  add_extension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment");
  add_extension(leaf.get(), issuer, NID_ext_key_usage, options.server_auth ? "serverAuth" : "clientAuth");
  const std::string names = subject_alternatives(options);
  if (!names.empty()) add_extension(leaf.get(), issuer, NID_subject_alt_name, names);
  check(X509_sign(leaf.get(), issuer_key, options.sha1 ? EVP_sha1() : EVP_sha256()) != 0, "signature");
  return leaf;
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  out << text;
  check(out.flush().good(), path.c_str());
}

}  // namespace

struct CertificateAuthority::Impl {
  bssl::UniquePtr<EVP_PKEY> key = make_key(0);
  bssl::UniquePtr<X509> certificate;
  std::string chain;  // sent after each leaf: this authority's certificate when it is not a root
};

CertificateAuthority::CertificateAuthority(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

CertificateAuthority::CertificateAuthority(const std::string& name) : impl_(std::make_unique<Impl>()) {
  using std::chrono::hours;
  impl_->certificate = begin(name, impl_->key.get(), hours(-48), hours(24 * 365));
  X509* const self = impl_->certificate.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(self, self, NID_subject_key_identifier, "hash");
  check(X509_sign(self, impl_->key.get(), EVP_sha256()) != 0, "signature");
}

std::string CertificateAuthority::certificate() const { return to_pem(impl_->certificate.get()); }

Identity CertificateAuthority::issue(const LeafOptions& options) const {
  const auto key = make_key(options.rsa_bits);
  const auto leaf = make_leaf(options, key.get(), impl_->certificate.get(), impl_->key.get());
  return {to_pem(leaf.get()) + impl_->chain, to_pem(key.get())};
}

CertificateAuthority CertificateAuthority::intermediate(const std::string& name,
                                                        const std::string& permitted_dns) const {
  using std::chrono::hours;
  auto below = std::make_unique<Impl>();
  below->certificate = begin(name, below->key.get(), hours(-48), hours(24 * 365));
  X509* const certificate = below->certificate.get();
  X509* const issuer = impl_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  if (!permitted_dns.empty()) {
    add_extension(certificate, issuer, NID_name_constraints, "critical,permitted;DNS:" + permitted_dns);
  }
  check(X509_sign(certificate, impl_->key.get(), EVP_sha256()) != 0, "signature");
  below->chain = to_pem(certificate) + impl_->chain;
  return CertificateAuthority(std::move(below));
}

Identity CertificateAuthority::self_signed(const LeafOptions& options) {
  const auto key = make_key(options.rsa_bits);
  const auto leaf = make_leaf(options, key.get(), nullptr, key.get());
  return {to_pem(leaf.get()), to_pem(key.get())};
}

void CertificateAuthority::write(const std::string& dir) const {
  write_file(std::filesystem::path(dir) / "ca.pem", certificate());
}

void CertificateAuthority::write(const Identity& identity, const std::string& dir) {
  write_file(std::filesystem::path(dir) / "cert.pem", identity.certificate);
  write_file(std::filesystem::path(dir) / "key.pem", identity.key);
}

}  // namespace postern::testing
