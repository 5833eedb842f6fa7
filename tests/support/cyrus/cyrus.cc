#include "tests/support/cyrus/cyrus.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "tests/support/process/ports.h"
#include "tests/support/unpacked/unpacked.h"

namespace postern::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPrograms = "usr/lib/cyrus/bin";

/// Whom it runs as: Cyrus refuses to be root.
const passwd& server_user() {
  const bool root = geteuid() == 0;
  const passwd* entry = root ? getpwnam("nobody") : getpwuid(geteuid());
  if (entry == nullptr) throw std::runtime_error("Cyrus needs a user in the password file");
  return *entry;
}

std::string group_of(const passwd& user) {
  const group* entry = getgrgid(user.pw_gid);
  if (entry == nullptr) throw std::runtime_error("Cyrus needs a group in the group file");
  return entry->gr_name;
}

/// Root's own folders may be closed to the user the server runs as, so the few files it needs go along.
std::filesystem::path reachable_programs(const std::filesystem::path& base) {
  if (geteuid() != 0) return unpacked();
  const std::filesystem::path root = base / "root";
  std::filesystem::create_directories(root / kPrograms);
  for (const char* name : {"master", "imapd"}) {
    std::filesystem::copy(unpacked() / kPrograms / name, root / kPrograms / name);
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(unpacked() / "usr/lib")) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("libcyrus") || !name.ends_with(".so.0")) continue;
    const auto to = root / entry.path().lexically_relative(unpacked());
    std::filesystem::create_directories(to.parent_path());
    std::filesystem::copy(entry.path(), to);
  }
  return root;
}

/// The first line that a server on `port` says; empty when there is none.
std::string greeting(std::uint16_t port) {
  BlockingSocket socket(port);
  std::string line;
  std::array<char, 512> chunk{};
  while (line.find('\n') == std::string::npos) {
    const std::size_t n = socket.read_some(chunk);
    if (n == 0) return {};
    line.append(chunk.data(), n);
  }
  return line;
}

}  // namespace

bool cyrus_installed() { return unpacked_has(std::string(kPrograms) + "/imapd", "Cyrus", "POSTERN_WITHOUT_CYRUS"); }

Cyrus::Cyrus(CyrusOptions options) : root_(reachable_programs(base_.path())) {
  ::chmod(base_.path().c_str(), 0755);  // the server's own user goes through it
  for (const char* name : {"conf", "spool"}) {
    std::filesystem::create_directory(base_ / name);
    const passwd& user = server_user();
    if (geteuid() == 0 && ::chown((base_ / name).c_str(), user.pw_uid, user.pw_gid) != 0) {
      throw std::system_error(errno, std::generic_category(), (base_ / name).string());
    }
  }
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    write_settings(options);
    if (try_start()) return;
  }
  throw std::runtime_error("Cyrus does not start: " + (master_ ? master_->output() + master_->errors() : ""));
}

void Cyrus::write_settings(const CyrusOptions& options) const {
  const std::string base = base_.path().string(), programs = (root_ / kPrograms).string();
  const passwd& user = server_user();
  std::string suppressed;
  for (const std::string& name : options.without) suppressed += (suppressed.empty() ? "" : " ") + name;
  write_file(base_ / "imapd.conf",
             "configdirectory: " + base + "/conf\npartition-default: " + base +
                 "/spool\ndefaultpartition: default\n"
                 "cyrus_user: " +
                 std::string(user.pw_name) + "\ncyrus_group: " + group_of(user) +
                 "\n"
                 // How its answers are told from another server's that took the port in between.
                 "servername: " +
                 base_.path().filename().string() +
                 "\n"
                 "sasl_pwcheck_method: alwaystrue\nsasl_mech_list: PLAIN\nallowplaintext: yes\nvirtdomains: off\n"
                 "altnamespace: yes\nunixhierarchysep: yes\nautocreate_quota: 0\nskiplist_unsafe: yes\n" +
                 (suppressed.empty() ? "" : "suppress_capabilities: " + suppressed + "\n") + options.extra);
  write_file(base_ / "cyrus.conf", "START {\n}\nSERVICES {\n  imap cmd=\"" + programs + "/imapd -C " + base +
                                       "/imapd.conf\" listen=\"127.0.0.1:" + std::to_string(port_) +
                                       "\" prefork=0\n}\nEVENTS {\n}\n");
}

std::vector<std::string> Cyrus::argv() const {
  const passwd& user = server_user();
  std::vector<std::string> words;
  if (geteuid() == 0) {
    // Changing the user itself, the server would lose the signal that ends it with the test.
    words = {
        "setpriv",     "--reuid", std::to_string(user.pw_uid), "--regid", std::to_string(user.pw_gid), "--clear-groups",
        "--pdeathsig", "TERM"};
  }
  words.insert(words.end(), {(root_ / kPrograms / "master").string(), "-C", (base_ / "imapd.conf").string(), "-M",
                             (base_ / "cyrus.conf").string(), "-p", (base_ / "conf/master.pid").string()});
  return words;
}

bool Cyrus::try_start() {
  master_ = std::make_unique<ChildProcess>(
      ProcessSpec{.argv = argv(), .env = unpacked_environment(root_), .own_group = true, .death_signal = SIGTERM});
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (master_->running() && std::chrono::steady_clock::now() < deadline) {
    if (!wait_for_port(port_, 20ms)) continue;
    return greeting(port_).find(" " + base_.path().filename().string() + " Cyrus") != std::string::npos;
  }
  return false;
}

PlainImap Cyrus::login(const std::string& user) const { return PlainImap({port_, user, "any"}); }

}  // namespace postern::testing
