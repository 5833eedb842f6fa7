#include "tests/support/dovecot/authority.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/process/child_process.h"
#include "tests/support/process/temp_dir.h"

namespace postern::testing {
namespace {

void openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  const Finished done = run_process({.argv = arguments});
  if (done.status != ExitStatus{}) throw std::runtime_error("openssl " + arguments[1] + ": " + done.err);
}

std::vector<std::string> new_key(const std::filesystem::path& file) {
  return {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file.string()};
}

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

AuthorityFiles make_authority(const std::filesystem::path& directory) {
  const AuthorityFiles files{directory / "ca.pem", directory / "server.pem", directory / "server.key"};
  const std::string ca_key = directory / "ca.key", request = directory / "server.csr",
                    extensions = directory / "server.ext";
  write_file(extensions,
             "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n"
             "basicConstraints=critical,CA:FALSE\n");
  openssl(std::vector<std::string>{"req", "-x509", "-subj", "/CN=Postern test authority", "-days", "2", "-out",
                                   files.ca.string()} +
          new_key(ca_key));
  openssl(std::vector<std::string>{"req", "-new", "-subj", "/CN=localhost", "-out", request} + new_key(files.key));
  openssl({"x509", "-req", "-in", request, "-CA", files.ca.string(), "-CAkey", ca_key, "-set_serial", "2", "-days", "2",
           "-extfile", extensions, "-out", files.certificate.string()});
  return files;
}

}  // namespace postern::testing
