#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace postern::testing {

/// A certificate and its private key, PEM.
struct Identity {
  std::string certificate;  // the leaf, then any intermediates the server shall send
  std::string key;
};

/// What is written into a leaf; the defaults make a good one for a server named "localhost".
struct LeafOptions {
  std::string common_name = "localhost";
  std::vector<std::string> dns_names = {"localhost"};  // SAN dNSName; empty with `ip_addresses` empty: no SAN at all
  std::vector<std::string> ip_addresses;               // SAN iPAddress
  std::chrono::seconds valid_from = std::chrono::hours(-24);  // relative to now
  std::chrono::seconds valid_until = std::chrono::hours(24 * 90);
  bool server_auth = true;  // extended key usage: serverAuth, or only clientAuth
  unsigned rsa_bits = 0;    // 0: an ECDSA P-256 key
  bool sha1 = false;        // signed with SHA-1
};

/// A certificate authority that lives for one test: makes real certificates, good and bad, at run time.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name = "Postern Test CA");
  CertificateAuthority(CertificateAuthority&&) noexcept;
  ~CertificateAuthority();

  /// The authority's own certificate, PEM.
  std::string certificate() const;
  Identity issue(const LeafOptions& options = {}) const;
  /// An authority below this one. Leafs it issues carry its certificate, so that the chain is complete;
  /// `permitted_dns`, when given, is a critical name constraint.
  CertificateAuthority intermediate(const std::string& name, const std::string& permitted_dns = {}) const;
  /// A certificate signed by its own key.
  static Identity self_signed(const LeafOptions& options = {});

  /// Writes DIR/ca.pem, for a client's tls_ca_file.
  void write(const std::string& dir) const;
  /// Writes DIR/cert.pem and DIR/key.pem (mode 0600), for a server.
  static void write(const Identity& identity, const std::string& dir);

 private:
  struct Impl;
  explicit CertificateAuthority(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace postern::testing
