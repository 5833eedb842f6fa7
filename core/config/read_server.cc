#include "core/config/read_server.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/base/bytes.h"

namespace postern::config {

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> octets;
  return ::inet_pton(AF_INET, host.c_str(), octets.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), octets.data()) == 1;
}

namespace {

constexpr std::uint16_t kImapsPort = 993;
constexpr std::uint16_t kImapPort = 143;
constexpr std::string_view kPasswordKeys[] = {"password_file", "password_env", "password_command"};

bool is_host_name(const std::string& host) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return host.size() <= 253 && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), fits);
}

std::string read_host(const Section& section) {
  std::string host = section.required_text("host");
  if (host.empty() || is_address(host) || is_host_name(host)) return host;
  if (host.find("://") != std::string::npos) {
    section.error("host", "must be a host name, not a URL; give the port with 'port' and the security with 'tls'");
  } else if (host.find(':') != std::string::npos) {
    section.error("host", "must be a host name or an address; give the port with 'port'");
  } else {
    section.error("host", "must be a host name or an address (write an international name in its xn-- form)");
  }
  return host;
}

void read_protocol(const Section& section) {
  const auto protocol = section.choice<bool>("protocol", {{"imap", true}, {"pop3", false}});
  if (protocol && !*protocol) {
    section.error("protocol", "pop3 is not supported by this version; use imap if the server offers it");
  }
}

void read_line_security(const Section& section, const std::string& folder, Server& server) {
  server.tls =
      section.choice<Tls>("tls", {{"implicit", Tls::implicit}, {"starttls", Tls::starttls}, {"none", Tls::none}})
          .value_or(Tls::implicit);
  const std::uint16_t usual = server.tls == Tls::implicit ? kImapsPort : kImapPort;
  server.port = static_cast<std::uint16_t>(section.number("port", 1, 65'535).value_or(usual));
  if (server.tls == Tls::implicit && server.port == kImapPort) {
    section.warning("port", "port 143 usually speaks clear text first; set 'tls: starttls', or use port 993");
  } else if (server.tls != Tls::implicit && server.port == kImapsPort) {
    section.warning("port", "port 993 usually speaks TLS from the first octet; set 'tls: implicit', or use port 143");
  }

  const bool insecure = section.boolean("insecure_plaintext").value_or(false);
  if (server.tls == Tls::none && !insecure && !server.host.empty() && !is_loopback(server.host)) {
    section.error("tls", "'none' would send the password and the mail readable to everybody on the way to " +
                             server.host +
                             "; use 'implicit' or 'starttls', or accept that with "
                             "'insecure_plaintext: true'");
  }
  // What stands under `defaults` for most accounts does not contradict the choice of one.
  const auto same_place = [&](std::string_view key) { return section.has_own(key) == section.has_own("tls"); };
  if (insecure && server.tls != Tls::none && (same_place("insecure_plaintext") || !section.has("tls"))) {
    section.error("insecure_plaintext", "contradicts the encrypted line; take it away, or set 'tls: none'");
  }
  if (const auto file = section.text("tls_ca_file")) {
    server.tls_ca_file = path_from(folder, *file);
    if (server.tls == Tls::none && same_place("tls_ca_file"))
      section.error("tls_ca_file", "has no use with 'tls: none'");
  }
}

void read_command(const Section& section, SecretSource& password) {
  password.kind = SecretSource::Kind::command;
  password.argv = section.texts("password_command");
  if (section.find("password_command").IsSequence() && password.argv.empty()) {
    section.error("password_command", "must name a command");
  }
}

void read_password(const Section& section, const std::string& folder, SecretSource& password) {
  // One's own kind of password replaces the one under `defaults`, whatever its kind.
  const bool own = std::any_of(std::begin(kPasswordKeys), std::end(kPasswordKeys),
                               [&](std::string_view key) { return section.has_own(key); });
  std::vector<std::string_view> given;
  for (const std::string_view key : kPasswordKeys) {
    if (own ? section.has_own(key) : section.has(key)) given.push_back(key);
  }
  if (given.empty()) {
    section.error("the password is missing; give one of password_file, password_env, password_command");
    return;
  }
  for (std::size_t i = 1; i < given.size(); ++i) {
    section.error(given[i], "contradicts '" + std::string(given[0]) + "'; give exactly one of them");
  }
  if (given[0] == "password_command") return read_command(section, password);
  const auto name = section.text(given[0]);
  if (!name) return;
  if (given[0] == "password_file") {
    password = {SecretSource::Kind::file, path_from(folder, *name), {}};
  } else {
    password = {SecretSource::Kind::environment, *name, {}};
    if (name->find('=') != std::string::npos) section.error("password_env", "must be a variable's name");
  }
}

void read_profile(const Section& section, Server& server) {
  constexpr std::string_view kLater[] = {"gmail", "exchange", "yahoo", "icloud", "fastmail", "dovecot"};
  const auto word = section.text("profile");
  if (!word) return;
  if (std::find(std::begin(kLater), std::end(kLater), *word) != std::end(kLater)) {
    return section.error("profile", "'" + *word + "' is not supported by this version; use 'generic'");
  }
  server.profile = section.choice<Profile>("profile", {{"auto", Profile::automatic}, {"generic", Profile::generic}})
                       .value_or(Profile::automatic);
}

std::vector<std::string> read_disable(const Section& section) {
  std::vector<std::string> capabilities = section.texts("disable");
  for (std::string& capability : capabilities) {
    const auto fits = [](char c) {
      return c > 0x20 && c < 0x7F && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
    };
    if (!std::all_of(capability.begin(), capability.end(), fits)) {
      section.error("disable", "'" + capability + "' is no name of a capability, such as CONDSTORE");
    }
    capability = ascii_upper(capability);
  }
  return capabilities;
}

}  // namespace

std::string path_from(const std::string& folder, const std::string& path) {
  if (path.starts_with('/') || path.starts_with('$')) return path;
  return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

bool is_loopback(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return ascii_iequals(host, "localhost");
}

Server read_server(const Section& section, const std::string& folder) {
  Server server;
  read_protocol(section);
  server.host = read_host(section);
  read_line_security(section, folder, server);
  server.user = section.required_text("user");
  server.authorize_as = section.text("authorize_as").value_or("");
  read_password(section, folder, server.password);
  server.auth = section
                    .choice<Auth>("auth", {{"auto", Auth::automatic},
                                           {"scram-sha-256", Auth::scram_sha_256},
                                           {"plain", Auth::plain},
                                           {"login", Auth::login}})
                    .value_or(Auth::automatic);
  if (!server.authorize_as.empty() && server.auth == Auth::login) {
    section.error("authorize_as", "cannot be said with 'auth: login'; use plain or scram-sha-256");
  }
  server.connections = static_cast<unsigned>(section.number("connections", 1, 16).value_or(2));
  read_profile(section, server);
  server.compress = section.boolean("compress").value_or(false);
  server.disable = read_disable(section);
  return server;
}

}  // namespace postern::config
